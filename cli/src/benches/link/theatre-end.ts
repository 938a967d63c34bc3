import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { createSyncNode } from '@foyer/cloud-sync/engine';
import type { AdmissionEvent } from '@foyer/contracts';
import { cloudPeer, type Link } from '@foyer/platform';
import { nodeClock, nodeRandom, openJournal, silentLogger } from '@foyer/platform/node';
import { waitFor } from '@foyer/platform/testing';

import { metered } from './metered.ts';

/** One direction: what it took, over how many rows. */
export interface Direction {
  rowsPerS: number;
  /** Payloads both ways, by the number of rows. */
  bytesPerRow: number;
  payloads: number;
  seconds: number;
}

const longestMs = 180_000;

const rowsOf = (feed: { digest: { count: number } } | undefined): number => feed?.digest.count ?? 0;

/** A theatre's sync engine on a file of its own: the real one, at one end of a link. */
export class TheatreEnd {
  readonly node;
  readonly #counts;
  readonly #close: () => Promise<void>;

  constructor(dir: string, nodeId: string, over: Link) {
    mkdirSync(dir, { recursive: true });
    const journal = openJournal({ path: join(dir, `${nodeId}.db`), migrations: [] });
    const [clock, random, logger] = [nodeClock(), nodeRandom(), silentLogger()];
    this.node = createSyncNode({
      ...{ journal, clock, random, logger },
      self: { node: nodeId, role: 'theatre' },
      apply: () => {},
    });
    const { link, counts } = metered(over);
    this.#counts = counts;
    this.node.addLink({ name: 'wan', link, roleOf: () => 'cloud' });
    this.node.setUpstream({ link: 'wan', peer: cloudPeer });
    this.#close = async () => {
      await this.node.close();
      journal.close();
    };
  }

  /** From the first payload until `rows` tickets are there. */
  async fetch(rows: number, during: (rows: number) => void = () => {}): Promise<Direction> {
    return this.#measure(rows, () => {
      const tickets = this.node.status().feeds.find(({ feed }) => feed === 'tickets');
      during(rowsOf(tickets));
      return rowsOf(tickets) >= rows && (tickets?.cursor ?? 0) >= (tickets?.head ?? 0);
    });
  }

  /** Appends events and waits until the cloud has all of them, as its acknowledgement says. */
  async tell(events: readonly AdmissionEvent[], during = (): void => {}): Promise<Direction> {
    for (const event of events) this.node.events.append(event);
    return this.#measure(events.length, () => {
      during();
      const own = this.node.status().lanes.find((lane) => lane.own && lane.lane === 'ledger');
      return own?.waiting === 0 && (own.acked ?? 0) >= events.length;
    });
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #measure(rows: number, isDone: () => boolean): Promise<Direction> {
    const before = { ...this.#counts };
    const begunMs = performance.now();
    await waitFor(`${rows} rows`, isDone, longestMs);
    const { bytes, payloads, firstHeardMs } = this.#counts;
    const startedMs = before.firstHeardMs === null ? (firstHeardMs ?? begunMs) : begunMs;
    const seconds = (performance.now() - startedMs) / 1000;
    return {
      rowsPerS: rows / seconds,
      bytesPerRow: (bytes - before.bytes) / rows,
      payloads: payloads - before.payloads,
      seconds,
    };
  }
}
