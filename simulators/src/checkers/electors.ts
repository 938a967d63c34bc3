import { hash } from 'node:crypto';
import { columnsOf, feedTables } from '@foyer/contracts';
import type { NodeId } from '@foyer/contracts';
import type { RunEvidence } from './evidence.ts';

/** The admission nodes of each config epoch. */
export type ConfigEpochs = ReadonlyMap<number, readonly NodeId[]>;

const electorsPerRight = 3;
const prefix = 'config-epoch/';

/** The config epochs that the cloud's house feed lists. */
export function configEpochsOf(evidence: RunEvidence): ConfigEpochs {
  const epochs = new Map<number, readonly NodeId[]>();
  const house = evidence.cloud.feeds.find(({ feed }) => feed === 'house');
  for (const [place, enc] of house?.rows ?? []) {
    if (!place.startsWith(prefix)) continue;
    const values: unknown = JSON.parse(enc);
    if (!Array.isArray(values)) continue;
    const columns = columnsOf('config-epoch');
    const row = Object.fromEntries(
      columns.map((column, c): [string, unknown] => [column, values[c]]),
    );
    const parsed = feedTables['config-epoch'].schema.safeParse(row);
    if (parsed.success) epochs.set(parsed.data.configEpoch, parsed.data.admissionNodes);
  }
  return epochs;
}

/**
 * The electors of a right by the rule that every gate of every version must follow: the first three
 * nodes of the epoch by the SHA-256 of `ticketId/n`, a line feed and the node's name. Written here
 * a second time on purpose: a checker that asks the product what is right finds nothing wrong.
 * Undefined where the epoch is not known.
 */
export function electorsOf(
  epochs: ConfigEpochs,
  right: string,
  configEpoch: number,
): readonly NodeId[] | undefined {
  const nodes = epochs.get(configEpoch);
  if (nodes === undefined) return undefined;
  return nodes
    .map((node) => ({ node, rank: hash('sha256', `${right}\n${node}`, 'hex') }))
    .toSorted((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, electorsPerRight)
    .map(({ node }) => node);
}

/** Votes that win: two of three, both of two, the one of one. */
export const quorumOf = (electors: readonly NodeId[]): number => Math.min(2, electors.length);
