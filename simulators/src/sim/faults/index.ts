import { aloneFaults } from './alone.ts';
import { ambushFaults } from './ambushes.ts';
import { cloudFaults } from './cloud.ts';
import { damageFaults } from './damage.ts';
import type { FaultKind, FaultKinds } from './fault.ts';
import { fleetFaults } from './fleet.ts';
import { hostileFaults } from './hostile.ts';
import { identityFaults } from './identities.ts';
import { machineFaults } from './machines.ts';
import { networkFaults } from './network.ts';
import { relayFaults } from './relays.ts';

export type { Fault, Hands, LossKind, Twin } from './fault.ts';

/** Kinds of fault that may come beside the others, each once at most. */
const besideKinds: FaultKinds = { ...identityFaults };

/** Those of them that are drawn: a rename waits for what a quiet theatre does with it. */
export const drawnBeside: readonly string[] = ['twin', 'half-upgraded'];

/** Kinds of fault that an evening is made of. */
export const mainKinds: FaultKinds = {
  ...networkFaults,
  ...machineFaults,
  ...cloudFaults,
  ...ambushFaults,
  ...relayFaults,
  ...damageFaults,
  ...aloneFaults,
  ...hostileFaults,
  ...fleetFaults,
};

/** Every kind of fault, by name. */
export const faultKinds: FaultKinds = { ...mainKinds, ...besideKinds };

export function kindOf(name: string): FaultKind {
  const kind = faultKinds[name];
  if (kind === undefined) throw new Error(`There is no fault "${name}".`);
  return kind;
}
