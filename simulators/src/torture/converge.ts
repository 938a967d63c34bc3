import { setTimeout as pause } from 'node:timers/promises';

import type { Status } from '@foyer/contracts';

import { unfinished } from '../checkers/index.ts';
import type { Observer } from '../up/observer.ts';

/** How long queues may take to drain once every fault is mended, ms. */
export const convergeMs = 60_000;
const gapMs = 250;

/** How a theatre came together again. */
export interface Converged {
  /** Null when it did not in time. */
  readonly withinMs: number | null;
  /** What was left then, for a person. */
  readonly left: readonly string[];
}

function leftAt(node: string, state: Status | undefined): string[] {
  if (state === undefined) return [`${node} does not answer`];
  const apart = state.peers.filter(({ connected }) => !connected);
  return [...unfinished(state), ...apart.map((peer) => `${node} does not hear ${peer.node}`)];
}

/** Everything that is still to be done anywhere. */
export async function leftToDo(observer: Observer, nodes: readonly string[]): Promise<string[]> {
  const [summary, ...states] = await Promise.all([
    observer.summary(),
    ...nodes.map((node) => observer.status(node)),
  ]);
  const left = nodes.flatMap((node, index) => leftAt(node, states[index]));
  return summary === undefined ? ['the cloud does not answer', ...left] : left;
}

/**
 * Waits until every node knows everything and every queue is empty, for at most 60 s. Rejects when
 * the run is asked to end.
 */
export async function converge(
  observer: Observer,
  nodes: readonly string[],
  signal: AbortSignal,
  limitMs = convergeMs,
): Promise<Converged> {
  const beganMs = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const left = await leftToDo(observer, nodes);
    const tookMs = performance.now() - beganMs;
    if (left.length === 0) return { withinMs: Math.round(tookMs), left };
    if (tookMs >= limitMs) return { withinMs: null, left };
    await pause(gapMs);
  }
}
