import { feedsOfRole } from '@foyer/contracts';
import type { FeedName } from '@foyer/contracts';
import type { Checker, FeedState, NodeEnd, Violation } from './evidence.ts';
import { at, some } from './words.ts';

/**
 * A replica's place in a feed never goes back within an epoch, and an epoch that was left is not
 * entered again, on one disk: restarts, power cuts, resyncs and changes of upstream included.
 * Another disk begins anew. A cloud that is set back to a backup takes everybody back with it: to
 * an epoch of its own making, or, where it forgot that very epoch, to the one before.
 */
export const checkCursors: Checker = (evidence) => {
  const wrong: Violation[] = [];
  const setBackMs = evidence.losses
    .filter(({ node }) => node === 'cloud')
    .map(({ runMs }) => runMs);
  const last = new Map<string, { cursor: number; runMs: number }>();
  const current = new Map<string, string>();
  const firstSeenMs = new Map<string, number>();
  for (const { runMs, node, disk, feeds } of evidence.samples) {
    for (const { feed, epoch, cursor } of feeds) {
      if (epoch === null) continue;
      const replica = `${node} ${disk} ${feed}`;
      const before = last.get(`${replica} ${epoch}`);
      if (!firstSeenMs.has(epoch)) firstSeenMs.set(epoch, runMs);
      const leftEpoch = current.get(replica) ?? epoch;
      const left = leftEpoch !== epoch;
      current.set(replica, epoch);
      last.set(`${replica} ${epoch}`, { cursor, runMs });
      if (before === undefined || (cursor >= before.cursor && !left)) continue;
      // The cloud may have forgotten the epoch that is left before this replica ever entered it.
      const madeMs = left ? (firstSeenMs.get(leftEpoch) ?? before.runMs) : before.runMs;
      const sinceMs = Math.min(before.runMs, madeMs);
      if (setBackMs.some((ms) => ms >= sinceMs && ms <= runMs)) continue;
      const how = left ? `came back to epoch ${epoch}` : `went back in epoch ${epoch}`;
      const detail =
        `${node}'s ${feed} ${how} from ${before.cursor} (${at(before.runMs)}) to ${cursor} ` +
        `(${at(runMs)})`;
      wrong.push({ law: 'cursor-monotone', detail });
    }
  }
  return wrong;
};

/**
 * At the end every node has of each feed that its role replicates the cloud's epoch, place and
 * rows, to the byte: what was applied is a prefix of the feed, and nothing else was written into
 * it. It holds no feed that its role must not see.
 */
export const checkReplicas: Checker = (evidence) => {
  const sources = new Map(evidence.cloud.feeds.map((state) => [state.feed, state]));
  return evidence.nodes.flatMap((node) => {
    const names: readonly FeedName[] = feedsOfRole[node.role];
    const held = new Map(node.feeds.map((state) => [state.feed, state]));
    const wrong = names.flatMap((feed) => {
      const source = sources.get(feed);
      return source === undefined ? [] : differences(node, source, held.get(feed));
    });
    for (const { feed, rows } of node.feeds) {
      if (names.includes(feed) || rows.size === 0) continue;
      wrong.push(`${node.node}, a ${node.role}, holds ${rows.size} rows of ${feed}`);
    }
    return wrong.map((detail) => ({ law: 'prefix-applied', detail }));
  });
};

function differences(node: NodeEnd, source: FeedState, mine: FeedState | undefined): string[] {
  const { feed, epoch, cursor, rows } = source;
  const what = `${node.node}'s ${feed}`;
  if (mine === undefined) return [`${what} is not there`];
  if (mine.epoch !== epoch) return [`${what} is of epoch ${mine.epoch}, the cloud's of ${epoch}`];
  const found: string[] = [];
  if (mine.cursor !== cursor) found.push(`${what} is at ${mine.cursor}, the cloud's at ${cursor}`);
  const missing = [...rows.keys()].filter((place) => !mine.rows.has(place));
  const other = [...rows].filter(([place, enc]) => (mine.rows.get(place) ?? enc) !== enc);
  if (missing.length > 0) found.push(`${what} lacks ${some(missing)}`);
  if (other.length > 0) {
    found.push(`${what} has other bytes in ${some(other.map(([place]) => place))}`);
  }
  if (mine.rows.size > rows.size - missing.length) {
    const extra = [...mine.rows.keys()].filter((place) => !rows.has(place));
    found.push(`${what} has rows that the cloud has not: ${some(extra)}`);
  }
  return found;
}
