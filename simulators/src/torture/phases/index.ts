import type { Phase } from '../stage.ts';
import { badCables } from './bad-cables.ts';
import { brokerMemory } from './broker-memory.ts';
import { calm } from './calm.ts';
import { dayOffline } from './day-offline.ts';
import { diskFull } from './disk-full.ts';
import { kills } from './kills.ts';
import { postgres } from './postgres.ts';
import { pulledCable } from './pulled-cable.ts';

/** Every kind of fault, in the order in which they are played. */
export const phases: readonly Phase[] = [
  calm,
  kills,
  badCables,
  pulledCable,
  diskFull,
  postgres,
  brokerMemory,
  dayOffline,
];
