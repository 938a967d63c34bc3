import type { Journal } from '@foyer/platform';
import { openDelays, type DelayStore } from './delay-store.ts';
import { openEmergencies, type EmergencyStore } from './emergency-store.ts';
import { openPlays, type PlayStore } from './play-store.ts';
import { openScreens, type ScreenStore } from './screen-store.ts';

export { signageMigrations } from './schema.ts';

/** What an agent keeps of screens. */
export interface SignageStores {
  emergencies: EmergencyStore;
  delays: DelayStore;
  plays: PlayStore;
  screens: ScreenStore;
}

export function openSignage(journal: Journal): SignageStores {
  return {
    emergencies: openEmergencies(journal),
    delays: openDelays(journal),
    plays: openPlays(journal),
    screens: openScreens(journal),
  };
}
