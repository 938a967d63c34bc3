import { setTimeout as pause } from 'node:timers/promises';

import type { House } from './house.ts';
import type { KeepAliveClient } from './keep-alive.ts';
import { askGate } from './saturated.ts';

/** One start of a gate agent that was killed, with all its tickets on the disk. */
export interface Boot {
  readonly gate: string;
  /** From spawning the process to its first verdict on a valid ticket. */
  readonly firstVerdictMs: number;
  readonly firstColour: string;
  /** The first verdict that needed no flag: other gates gave their votes again. */
  readonly firstSoundVerdictMs: number;
}

const retryMs = 20;
const longestMs = 30_000;

/** Kills a gate agent as a power cut would and starts it again. */
export async function rebootGate(
  house: House,
  client: KeepAliveClient,
  gate: string,
  takeText: () => string,
): Promise<Boot> {
  await house.kill(gate);
  const startMs = performance.now();
  await house.startNode(gate);
  let first: { ms: number; colour: string } | undefined;
  for (;;) {
    const verdict = await askGate(house, client, gate, takeText());
    const ms = performance.now() - startMs;
    first ??= { ms, colour: verdict.colour };
    const sound = verdict.colour === 'green' && verdict.flags.length === 0;
    if (sound || ms > longestMs) {
      return {
        gate,
        firstVerdictMs: first.ms,
        firstColour: first.colour,
        firstSoundVerdictMs: ms,
      };
    }
    await pause(retryMs);
  }
}
