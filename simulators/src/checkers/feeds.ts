import { feedsOfRole } from '@foyer/contracts';
import type { FeedName } from '@foyer/contracts';
import type { Checker, FeedState, NodeEnd, Violation } from './evidence.ts';
import { at, some } from './words.ts';

/**
 * A replica's place in a feed never goes back within an epoch, on one disk: restarts, power cuts,
 * resyncs and changes of upstream included. Another epoch begins anew; so does another disk.
 */
export const checkCursors: Checker = (evidence) => {
  const wrong: Violation[] = [];
  const last = new Map<string, { cursor: number; runMs: number }>();
  for (const { runMs, node, disk, feeds } of evidence.samples) {
    for (const { feed, epoch, cursor } of feeds) {
      if (epoch === null) continue;
      const key = `${node} ${disk} ${feed} ${epoch}`;
      const before = last.get(key);
      if (before !== undefined && cursor < before.cursor) {
        const detail =
          `${node}'s ${feed} went back from ${before.cursor} (${at(before.runMs)}) to ${cursor} ` +
          `(${at(runMs)}) in epoch ${epoch}`;
        wrong.push({ law: 'cursor-monotone', detail });
      }
      last.set(key, { cursor, runMs });
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
