import { createSyncNode, makeHint, type SyncLink, type SyncNode } from '@foyer/cloud-sync/engine';
import {
  feedTables,
  type EventBody,
  type FeedName,
  type FeedRow,
  type FeedTable,
} from '@foyer/contracts';
import {
  mqttCloudLink,
  nodeClock,
  nodeRandom,
  openJournal,
  silentLogger,
} from '@foyer/platform/node';
import type { Clock, Journal, Link, Random } from '@foyer/platform';
import { recordOf, theatreNo } from './house.ts';

function wayOver(brokerUrl: string): { link: Link; clock: Clock; random: Random } {
  const link = mqttCloudLink({ url: brokerUrl, sharedSubscription: false });
  return { link, clock: nodeClock(), random: nodeRandom() };
}

/** The cloud's two jobs, on the engine itself: it serves feeds, and takes events in once each. */
export class TestCloud {
  /** How often each event's effect was applied, by event id. */
  readonly applied = new Map<string, number>();
  readonly bodies = new Map<string, EventBody>();
  readonly #journal: Journal;
  readonly #node: SyncNode;
  readonly #link: SyncLink;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #epochs = new Map<FeedName, string>();

  /** @param way the address of a broker, or a link on a clock of a test's own. */
  constructor(way: string | { link: Link; clock: Clock; random: Random }) {
    const { link, clock, random } = typeof way === 'string' ? wayOver(way) : way;
    const logger = silentLogger();
    this.#clock = clock;
    this.#random = random;
    this.#journal = openJournal({ path: ':memory:', migrations: [] });
    this.#node = createSyncNode({
      journal: this.#journal,
      clock,
      random,
      logger,
      self: { node: 'cloud', role: 'theatre' },
      apply: (_origin, { eventId, body }) => {
        this.applied.set(eventId, (this.applied.get(eventId) ?? 0) + 1);
        this.bodies.set(eventId, body);
      },
    });
    this.#link = this.#node.addLink({ name: 'nodes', link, roleOf: () => 'theatre' });
  }

  /** Events of a kind that were taken in. */
  of<K extends EventBody['kind']>(kind: K): Extract<EventBody, { kind: K }>[] {
    const bodies = [...this.bodies.values()];
    return bodies.filter((body): body is Extract<EventBody, { kind: K }> => body.kind === kind);
  }

  /** Writes rows of one feed in one commit, and hints at it. */
  put<T extends FeedTable>(rows: readonly (readonly [T, FeedRow<T>])[]): void {
    const feed = rows[0] === undefined ? 'house' : feedTables[rows[0][0]].feed;
    const { replica } = this.#node;
    const before = replica.position(feed).cursor;
    const epoch = this.#epochs.get(feed) ?? this.#random.uuid();
    this.#epochs.set(feed, epoch);
    replica.applyChunk({
      feed,
      epoch,
      next: before + rows.length,
      mark: Buffer.from(this.#random.bytes(8)).toString('hex'),
      floor: 0,
      records: rows.map(([table, row], n) => recordOf(table, row, before + n + 1)),
      nowMs: this.#clock.nowMs(),
    });
    const meta = replica.meta(feed);
    if (meta !== null) this.#link.send(`${theatreNo}/theatre`, makeHint(feed, meta));
  }

  /** The number of the feed's last row. */
  headOf(feed: FeedName): number {
    return this.#node.replica.position(feed).cursor;
  }

  async close(): Promise<void> {
    await this.#node.close();
    this.#journal.close();
  }
}
