import type { Emergency, LiveView } from '@foyer/contracts';

/** An emergency that a contact of this box raised or ended. */
export interface Alarm {
  readonly emergency: Emergency;
  /** The agent was told of its newest state. */
  readonly told: boolean;
}

/** As many as a live view holds. */
const maxShown = 8;

/**
 * The live view with what the contacts of this box say in it, so that its own screens need no
 * agent for it. Once the agent has heard, its word counts: it may have been ended at a console.
 */
export function withAlarms(live: LiveView, alarms: Iterable<Alarm>): LiveView {
  const untold = [...alarms].filter(({ told }) => !told).map(({ emergency }) => emergency);
  if (untold.length === 0) return live;
  const ids = new Set(untold.map(({ emergencyId }) => emergencyId));
  const others = live.emergencies.filter(({ emergencyId }) => !ids.has(emergencyId));
  const emergencies = [...untold.filter(({ active }) => active), ...others].slice(0, maxShown);
  return { ...live, emergencies };
}

/** Nothing is known of the house yet. */
export const emptyLive: LiveView = {
  admitted: {},
  sold: {},
  waiting: {},
  delays: [],
  emergencies: [],
  gates: [],
};
