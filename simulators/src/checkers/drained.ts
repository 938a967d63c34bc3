import type { Status } from '@foyer/contracts';

/** The parts of a node's state that say whether it still has something to give or to get. */
export type QueueState = Pick<Status, 'node' | 'feeds' | 'lanes' | 'relayQueue' | 'recovering'>;

/** Whoever polls a source that is in step with the cloud has data younger than this, ms. */
const youngMs = 120_000;

/** Each thing that one node still has to do, as a sentence's part; none when it is drained. */
export function unfinished(state: QueueState): string[] {
  const left: string[] = [];
  for (const feed of state.feeds) {
    if (feed.cursor < feed.head)
      left.push(`${state.node} misses ${feed.head - feed.cursor} of ${feed.feed}`);
    else if (feed.epoch === null) left.push(`${state.node} has no ${feed.feed} yet`);
    else if ((feed.ageMs ?? 0) > youngMs) left.push(`${state.node} has old data of ${feed.feed}`);
  }
  for (const lane of state.lanes) {
    const waiting = lane.head - lane.durable;
    if (waiting > 0) left.push(`${waiting} of ${state.node}'s ${lane.lane} are not in the cloud`);
  }
  if (state.relayQueue > 0) left.push(`${state.node} has ${state.relayQueue} to relay`);
  if (state.recovering) left.push(`${state.node} does not vote yet`);
  return left;
}
