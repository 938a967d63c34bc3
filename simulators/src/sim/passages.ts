import { isFoyerError } from '@foyer/contracts';

import type { SimNode } from './node.ts';

/** What a guest does after a green, at the turnstile or a moment later. */
export type Afterwards = 'nothing' | 'turned' | 'did-not-turn' | 'exit' | 'undo';

/** What a guest did after a green, told to a gate. */
export function goOn(gate: SimNode, scanId: string, afterwards: Afterwards): void {
  const admission = gate.api?.admission ?? null;
  if (admission === null || afterwards === 'nothing') return;
  try {
    if (afterwards === 'undo') admission.annul({ scanId, reason: 'by mistake' });
    else admission.passage({ scanId, outcome: afterwards });
  } catch (error) {
    // There was no green to undo, or the disk is full, or the process died of it.
    if (!isFoyerError(error) && gate.up) throw error;
  }
}
