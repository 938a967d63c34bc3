import {
  columnsOf,
  feedTables,
  type Digest,
  type FeedName,
  type FeedTable,
  type Message,
  type Push,
} from '@foyer/contracts';
import type { Clock, Link, Logger } from '@foyer/platform';
import type { SimRandom } from '@foyer/platform/sim';

import {
  addDigests,
  addHash,
  decidePush,
  digestOf,
  durableAck,
  Egress,
  egressLaneOf,
  emptyDigest,
  encodeFrame,
  FeedResponder,
  FrameReader,
  genesisHead,
  laneText,
  makeHint,
  parseEventBody,
  placeOf,
  removeHash,
  rowHash,
  type FeedMeta,
  type FeedStore,
  type HashedRecord,
  type LaneHead,
} from '../index.ts';

interface State {
  epoch: string;
  head: number;
  mark: string | null;
  floor: number;
  digest: Digest;
  rows: Map<string, HashedRecord>;
  marks: Map<number, string>;
}

/** A source of truth in memory, answering with promises as a database does. */
export class MemorySource implements FeedStore {
  readonly #random: SimRandom;
  feeds = new Map<FeedName, State>();

  constructor(random: SimRandom) {
    this.#random = random;
  }

  /** One business write: each row gets a number, the commit a mark. */
  commit(feed: FeedName, changes: readonly { table: FeedTable; row: object | string }[]): void {
    const state = this.#state(feed);
    for (const { table, row } of changes) {
      state.head += 1;
      const gone = typeof row === 'string';
      const known = gone ? state.rows.get(`${table}/${row}`) : undefined;
      const values = gone ? {} : (row as Record<string, unknown>);
      const { key, group } = feedTables[table];
      const columns = columnsOf(table);
      const record: HashedRecord = {
        table,
        key: gone ? row : String(values[key]),
        group: gone ? (known?.group ?? '') : group === null ? '' : String(values[group]),
        seq: state.head,
        columns: gone ? [] : columns,
        enc: gone ? null : JSON.stringify(columns.map((column) => values[column])),
        hash: 0,
      };
      if (record.enc !== null) record.hash = rowHash(table, record.enc);
      const old = state.rows.get(placeOf(record));
      if (old !== undefined && old.enc !== null) state.digest = removeHash(state.digest, old.hash);
      if (record.enc !== null) state.digest = addHash(state.digest, record.hash);
      state.rows.set(placeOf(record), record);
    }
    state.mark = Buffer.from(this.#random.bytes(8)).toString('hex');
    state.marks.set(state.head, state.mark);
  }

  compact(feed: FeedName): void {
    const state = this.#state(feed);
    for (const [place, record] of state.rows) {
      if (record.enc !== null) continue;
      state.floor = Math.max(state.floor, record.seq);
      state.rows.delete(place);
    }
  }

  backup(): Map<FeedName, State> {
    return structuredClone(this.feeds);
  }

  meta(feed: FeedName): Promise<FeedMeta | null> {
    const state = this.feeds.get(feed);
    if (state === undefined) return Promise.resolve(null);
    const { epoch, head, mark, floor, digest } = state;
    return Promise.resolve({ epoch, head, mark, floor, digest, confirmed: true });
  }

  markAt(feed: FeedName, seq: number): Promise<string | null> {
    return Promise.resolve(this.#state(feed).marks.get(seq) ?? null);
  }

  changes(feed: FeedName, after: number, upTo: number, limit: number): Promise<HashedRecord[]> {
    const all = [...this.#state(feed).rows.values()].filter((r) => r.seq > after && r.seq <= upTo);
    return Promise.resolve(all.toSorted((a, b) => a.seq - b.seq).slice(0, limit));
  }

  page(feed: FeedName, after: string, limit: number): Promise<HashedRecord[]> {
    const rows = this.#sorted(feed).filter(
      (r) => after === '' || comparePlace(placeOf(r), after) > 0,
    );
    return Promise.resolve(rows.slice(0, limit));
  }

  range(feed: FeedName, group: string, from: string, to: string): Promise<HashedRecord[]> {
    const within = (place: string): boolean =>
      (from === '' || comparePlace(place, from) >= 0) && (to === '' || comparePlace(place, to) < 0);
    const rows = this.#sorted(feed).filter((r) => r.enc !== null && r.group === group);
    return Promise.resolve(rows.filter((r) => within(placeOf(r))));
  }

  groupDigests(feed: FeedName): Promise<Map<string, Digest>> {
    const groups = new Map<string, Digest>();
    for (const r of this.#state(feed).rows.values()) {
      if (r.enc === null) continue;
      groups.set(r.group, addDigests(groups.get(r.group) ?? emptyDigest, digestOf([r])));
    }
    return Promise.resolve(groups);
  }

  async newEpoch(feed: FeedName): Promise<FeedMeta> {
    this.#state(feed).epoch = this.#random.uuid();
    const meta = await this.meta(feed);
    if (meta === null) throw new Error('no such feed');
    return meta;
  }

  #sorted(feed: FeedName): HashedRecord[] {
    return [...this.#state(feed).rows.values()].toSorted((a, b) =>
      comparePlace(placeOf(a), placeOf(b)),
    );
  }

  #state(feed: FeedName): State {
    let state = this.feeds.get(feed);
    if (state === undefined) {
      state = {
        epoch: this.#random.uuid(),
        head: 0,
        mark: null,
        floor: 0,
        digest: emptyDigest,
        rows: new Map(),
        marks: new Map(),
      };
      this.feeds.set(feed, state);
    }
    return state;
  }
}

function comparePlace(a: string, b: string): number {
  const [aTable, aKey] = [a.slice(0, a.indexOf('/')), a.slice(a.indexOf('/') + 1)];
  const [bTable, bKey] = [b.slice(0, b.indexOf('/')), b.slice(b.indexOf('/') + 1)];
  if (aTable !== bTable) return aTable < bTable ? -1 : 1;
  if (aKey === bKey) return 0;
  return aKey < bKey ? -1 : 1;
}

/** A cloud end for tests: a source and an ingest on one link. */
export class MiniCloud {
  readonly source: MemorySource;
  lanes = new Map<string, LaneHead>();
  /** The chain's hash after each event, by lane and number. */
  chain = new Map<string, string>();
  /** Events that took effect, by id. */
  effects = new Set<string>();
  rejects = new Map<string, { seq: number; eventId: string; code: string; message: string }>();
  /** Answers a reason to refuse an event for good. */
  judge: (eventId: string, body: string) => string | null = () => null;
  readonly #readers = new Map<string, FrameReader>();
  readonly #responders = new Map<string, FeedResponder>();
  readonly #egress: Egress;
  readonly #link: Link;
  readonly #logger: Logger;

  constructor(link: Link, clock: Clock, random: SimRandom, logger: Logger) {
    this.source = new MemorySource(random);
    this.#link = link;
    this.#logger = logger;
    this.#egress = new Egress(link, clock);
    link.onPayload((peer, payload) => {
      this.#egress.received(payload.byteLength);
      const reader = this.#readers.get(peer) ?? new FrameReader();
      this.#readers.set(peer, reader);
      const message = reader.read(payload);
      if (message !== null) this.#take(peer, message);
    });
    link.onPeer((peer, connected) => {
      if (!connected) this.#responders.delete(peer);
    });
  }

  async hint(feed: FeedName): Promise<void> {
    const meta = await this.source.meta(feed);
    if (meta === null) return;
    for (const peer of this.#link.peers()) this.#send(peer, makeHint(feed, meta));
  }

  backup(): () => void {
    const feeds = this.source.backup();
    const lanes = structuredClone(this.lanes);
    const effects = structuredClone(this.effects);
    const chain = structuredClone(this.chain);
    return () => {
      this.chain = chain;
      this.source.feeds = feeds;
      this.lanes = lanes;
      this.effects = effects;
    };
  }

  #send(peer: string, message: Message): void {
    this.#egress.send(egressLaneOf(message), peer, encodeFrame(message, 'br'));
  }

  #take(peer: string, message: Message): void {
    if (message.type === 'push') this.#ingest(peer, message);
    else if (
      message.type === 'pull' ||
      message.type === 'compare' ||
      message.type === 'fetch-range'
    ) {
      void this.#responder(peer).handle(message);
    }
  }

  #responder(peer: string): FeedResponder {
    let responder = this.#responders.get(peer);
    if (responder === undefined) {
      responder = new FeedResponder({
        store: this.source,
        limits: this.#link.limits,
        logger: this.#logger,
        send: (frame) =>
          new Promise((resolve) => {
            const room = this.#egress.send('feed', peer, frame, () => resolve(true));
            if (!room) resolve(false);
          }),
      });
      this.#responders.set(peer, responder);
    }
    return responder;
  }

  #ingest(peer: string, push: Push): void {
    const head = this.lanes.get(laneText(push)) ?? genesisHead;
    const name = laneText(push);
    const decision = decidePush(push, head, (seq) => this.chain.get(`${name} ${seq}`) ?? null);
    const rejects = push.events.flatMap((event) => this.rejects.get(event.eventId) ?? []);
    let { lastSeq } = head;
    if (decision.kind === 'accept') {
      for (const event of decision.events) {
        this.chain.set(`${name} ${event.seq}`, event.hash);
        if (this.effects.has(event.eventId)) continue;
        const refused = this.judge(event.eventId, event.body);
        if (refused === null) {
          parseEventBody(event);
          this.effects.add(event.eventId);
        } else {
          const { seq, eventId } = event;
          const reject = { seq, eventId, code: 'refused', message: refused };
          this.rejects.set(eventId, reject);
          rejects.push(reject);
        }
      }
      this.lanes.set(name, decision.head);
      ({ lastSeq } = decision.head);
    }
    this.#send(peer, durableAck(push, decision, { lastSeq, rejects }));
  }
}
