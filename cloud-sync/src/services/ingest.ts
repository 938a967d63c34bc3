import {
  isFoyerError,
  type Ack,
  type EventBody,
  type OutboxEvent,
  type Push,
  type Role,
  type TheatreNo,
} from '@foyer/contracts';
import { sha256Hex } from '@foyer/platform/node';

import type { Db, Tx } from '../adapters/store/database.ts';
import { findEntry } from '../adapters/store/catalogue.ts';
import { applyEvents, ofKind } from '../adapters/store/events.ts';
import { laneHead, setLane } from '../adapters/store/lanes.ts';
import type { ReceivedEvent } from '../adapters/store/received-event.ts';
import type { CloudMetrics } from '../adapters/metrics.ts';
import {
  decidePush,
  durableAck,
  genesisHead,
  judgeEvent,
  parseEventBody,
  type AcceptedEvent,
  type LaneHead,
} from '../engine/index.ts';
import type { ServiceContext } from './context.ts';
import { keepLetter } from './dead-letters.ts';
import { Seals, type Authorities } from './seals.ts';

type Reject = Ack['rejects'][number];

/** Rejects that were told for good have this in front of their event's id as their letter's id. */
const letterOf = (eventId: string): string => `event-${eventId}`;

type ChainedEvent = AcceptedEvent & { prevHash: string };

interface Outcome {
  ack: Ack;
  applied: number;
  known: number;
}

/** Takes what nodes report: each event's effect once, in the transaction that advances its lane. */
export class Ingest {
  readonly #context: ServiceContext;
  readonly #metrics: Pick<CloudMetrics, 'events' | 'rejectedEvent'>;
  readonly #seals: Seals;

  constructor(
    context: ServiceContext,
    metrics: Pick<CloudMetrics, 'events' | 'rejectedEvent'>,
    authorities: Authorities = new Map(),
  ) {
    this.#context = context;
    this.#metrics = metrics;
    this.#seals = new Seals(context, metrics, authorities);
  }

  /**
   * Applies a push of a theatre's node. The answer is the acknowledgement, made after the commit.
   * Throws what the database throws: then nothing was applied, and nothing may be acknowledged.
   */
  async take(theatreNo: TheatreNo, push: Push): Promise<Ack> {
    if (push.events.length === 0) {
      const where = await this.#whereIs(theatreNo, push);
      if (where !== null) return where;
    }
    const { store, logger } = this.#context;
    const { ack, applied, known } = await store.transaction((tx) =>
      this.#takeIn(tx, theatreNo, push),
    );
    this.#metrics.events('applied', applied);
    this.#metrics.events('known', known);
    this.#metrics.events('rejected', ack.rejects.length);
    for (const { code } of ack.rejects) this.#metrics.rejectedEvent(code);
    const { node, incarnation, lane } = push;
    if (ack.forked) logger.error('chain-forked', { theatreNo, node, incarnation, lane });
    return ack;
  }

  /**
   * The answer to a push of nothing, which only asks where this end is; null where more is to be
   * done. It writes nothing: every node asks now and then.
   */
  async #whereIs(theatreNo: TheatreNo, push: Push): Promise<Ack | null> {
    const head = (await this.#laneHead(this.#context.store.db, theatreNo, push)) ?? genesisHead;
    if (push.since !== head.lastSeq) return null;
    const decision = decidePush(push, head, () => head.lastHash);
    if (decision.kind !== 'accept') return null;
    return durableAck(push, decision, { lastSeq: head.lastSeq, rejects: [] });
  }

  async #takeIn(tx: Tx, theatreNo: TheatreNo, push: Push): Promise<Outcome> {
    const head = await this.#lockLane(tx, theatreNo, push);
    const chain = await chainOf(tx, theatreNo, push, head);
    const decision = decidePush(push, head, (seq) => chain.get(seq) ?? null);
    const { node, lane } = push;
    const old = push.events.filter((event) => event.seq <= head.lastSeq);
    if (decision.kind !== 'accept') {
      const ack = durableAck(push, decision, { lastSeq: head.lastSeq, rejects: [] });
      return { ack, applied: 0, known: old.length };
    }
    if (decision.skippedTo !== null) {
      const { skippedTo } = decision;
      const from = head.lastSeq;
      this.#context.logger.warn('events-skipped', { theatreNo, node, lane, from, skippedTo });
    }
    const rejects = await toldBefore(tx, old);
    const firstPrev = decision.skippedTo === null ? head.lastHash : push.prevHash;
    const events = chained(decision.events, firstPrev);
    const fresh = await this.#effects(tx, theatreNo, push, events, rejects);
    await setLane(tx, theatreNo, push, decision.head);
    await keepChain(tx, theatreNo, push, decision.events);
    const ack = durableAck(push, decision, { lastSeq: decision.head.lastSeq, rejects });
    return { ack, applied: fresh, known: push.events.length - fresh - rejects.length };
  }

  /** Applies events that follow the head; adds to `rejects`. @returns how many were new. */
  async #effects(
    tx: Tx,
    theatreNo: TheatreNo,
    push: Push,
    events: readonly ChainedEvent[],
    rejects: Reject[],
  ): Promise<number> {
    const parsed: ReceivedEvent[] = [];
    const role = push.lane === 'ledger' ? undefined : await roleOf(tx, theatreNo, push.node);
    for (const event of events) {
      const judged = judge({ theatreNo, role }, push, event);
      if (!('kind' in judged)) {
        rejects.push(judged);
        const id = letterOf(event.eventId);
        await this.#keep(tx, theatreNo, push, { id, reject: judged, body: event.body });
      } else {
        const { eventId, seq, prevHash } = event;
        parsed.push({ eventId, body: judged, seq, prevHash });
      }
    }
    if (parsed.length === 0) return 0;
    const fresh = await this.#insert(tx, theatreNo, push, parsed);
    const taken = await this.#renamed(tx, theatreNo, push, { parsed, fresh });
    // An id may stand twice in one push of a broken node; its first effect counts.
    const effects = parsed.filter((event) => fresh.delete(event.eventId));
    const all = [...effects, ...taken];
    await applyEvents(tx, this.#context.store.kind, theatreNo, push, all);
    await this.#seals.apply(tx, theatreNo, push, ofKind(all, 'play-seal'));
    return effects.length + taken.length;
  }

  /** @returns the ids of those that were not there before. */
  async #insert(
    tx: Tx,
    theatreNo: TheatreNo,
    { node, incarnation, lane }: Push,
    events: readonly ReceivedEvent[],
  ): Promise<Set<string>> {
    if (events.length === 0) return new Set();
    const nowMs = this.#context.clock.nowMs();
    const got = await tx
      .insertInto('event')
      .values(
        events.map(({ eventId, body, seq }) => ({
          event_id: eventId,
          theatre_no: theatreNo,
          node,
          incarnation,
          lane,
          seq,
          kind: body.kind,
          at_ms: nowMs,
        })),
      )
      .onConflict((on) => on.column('event_id').doNothing())
      .returning('event_id')
      .execute();
    return new Set(got.map((row) => row.event_id));
  }

  /**
   * Takes in events whose ids other nodes' events have, each under another id, always the same. An
   * id is known to everybody once its event is told: whoever takes it must not suppress the event.
   * @returns those that were not there before.
   */
  async #renamed(
    tx: Tx,
    theatreNo: TheatreNo,
    push: Push,
    found: { parsed: readonly ReceivedEvent[]; fresh: ReadonlySet<string> },
  ): Promise<ReceivedEvent[]> {
    const known = found.parsed.filter(({ eventId }) => !found.fresh.has(eventId));
    if (known.length === 0) return [];
    const ids = known.map(({ eventId }) => eventId);
    const rows = await tx
      .selectFrom('event')
      .select(['event_id', 'node', 'theatre_no'])
      .where('event_id', 'in', ids)
      .execute();
    const foreign = new Set(
      rows
        .filter(({ node, theatre_no }) => node !== push.node || theatre_no !== theatreNo)
        .map((row) => row.event_id),
    );
    const taken = known.filter(({ eventId }) => foreign.has(eventId));
    const own = taken.map((event) => {
      return { ...event, eventId: idOfNode(theatreNo, push.node, event.eventId) };
    });
    const fresh = await this.#insert(tx, theatreNo, push, own);
    const news = own.filter(({ eventId }) => fresh.delete(eventId));
    for (const { eventId, body, seq } of news) {
      this.#metrics.rejectedEvent('event-id-taken');
      const message = `Taken in as ${eventId}: another node's event has its id.`;
      const reject = { seq, eventId, code: 'event-id-taken', message };
      const id = `taken-${eventId}`;
      await this.#keep(tx, theatreNo, push, { id, reject, body: JSON.stringify(body) });
    }
    return news;
  }

  async #keep(
    tx: Tx,
    theatreNo: TheatreNo,
    { node }: Push,
    { id, reject, body }: { id: string; reject: Reject; body: string },
  ): Promise<void> {
    const { code, message } = reject;
    const letter = { id, theatreNo, node, code, message, payload: Buffer.from(body) };
    await keepLetter(tx, letter, this.#context.clock.nowMs());
  }

  async #lockLane(tx: Tx, theatreNo: TheatreNo, push: Push): Promise<LaneHead> {
    const known = await this.#laneHead(tx, theatreNo, push);
    if (known !== undefined) return known;
    const { node, incarnation, lane } = push;
    await tx
      .insertInto('lane')
      .values({
        theatre_no: theatreNo,
        node,
        incarnation,
        lane,
        last_seq: 0,
        last_hash: genesisHead.lastHash,
      })
      .onConflict((on) => on.columns(['theatre_no', 'node', 'incarnation', 'lane']).doNothing())
      .execute();
    const opened = await this.#laneHead(tx, theatreNo, push);
    if (opened === undefined) throw new Error('A lane vanished inside its own transaction.');
    return opened;
  }

  #laneHead(tx: Db | Tx, theatreNo: TheatreNo, push: Push): Promise<LaneHead | undefined> {
    return laneHead(tx, this.#context.store.kind, theatreNo, push);
  }
}

/** The id under which a node's event is kept whose own id is another node's: a UUID, version 8. */
function idOfNode(theatreNo: TheatreNo, node: string, eventId: string): string {
  const hex = sha256Hex(`${theatreNo}\n${node}\n${eventId}`);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}

/** The chain's hashes in the range of a push, by number, of what was received before. */
async function chainOf(
  tx: Tx,
  theatreNo: TheatreNo,
  { node, incarnation, lane, since, events }: Push,
  { lastSeq }: LaneHead,
): Promise<ReadonlyMap<number, string>> {
  if (since >= lastSeq) return new Map();
  const found = await tx
    .selectFrom('chain')
    .select(['seq', 'hash'])
    .where('theatre_no', '=', theatreNo)
    .where('node', '=', node)
    .where('incarnation', '=', incarnation)
    .where('lane', '=', lane)
    .where('seq', '>=', since)
    .where('seq', '<=', since + events.length)
    .execute();
  return new Map(found.map(({ seq, hash }) => [Number(seq), hash]));
}

async function keepChain(
  tx: Tx,
  theatreNo: TheatreNo,
  { node, incarnation, lane }: Push,
  events: readonly AcceptedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const of = { theatre_no: theatreNo, node, incarnation, lane };
  const rows = events.map(({ seq, hash }) => ({ ...of, seq, hash }));
  await tx.insertInto('chain').values(rows).execute();
}

/** Rejects of events that came before: an acknowledgement that was lost must not hide them. */
async function toldBefore(tx: Tx, events: readonly OutboxEvent[]): Promise<Reject[]> {
  if (events.length === 0) return [];
  const found = await tx
    .selectFrom('dead_letter')
    .select(['id', 'code', 'message'])
    .where(
      'id',
      'in',
      events.map((event) => letterOf(event.eventId)),
    )
    .execute();
  const byId = new Map(found.map((row) => [row.id, row]));
  return events.flatMap(({ seq, eventId }) => {
    const letter = byId.get(letterOf(eventId));
    if (letter === undefined) return [];
    return [{ seq, eventId, code: letter.code, message: letter.message }];
  });
}

/** Events with the chain's hash before each. */
function chained(events: readonly AcceptedEvent[], firstPrev: string): ChainedEvent[] {
  return events.map((event, at) => ({ ...event, prevHash: events[at - 1]?.hash ?? firstPrev }));
}

async function roleOf(tx: Tx, theatreNo: TheatreNo, node: string): Promise<Role | null> {
  return (await findEntry(tx, theatreNo, 'node', node))?.role ?? null;
}

/** An event's body, or why it is rejected for good. */
function judge(
  origin: { theatreNo: TheatreNo; role: Role | null | undefined },
  push: Push,
  event: OutboxEvent,
): EventBody | Reject {
  const { seq, eventId } = event;
  const reject = (code: string, message: string): Reject => {
    return { seq, eventId, code, message: message.slice(0, 200) };
  };
  try {
    const body = parseEventBody(event);
    const { node, lane } = push;
    const fault = judgeEvent({ node, lane, ...origin }, body);
    return fault === null ? body : reject(fault.code, fault.message);
  } catch (error) {
    if (!isFoyerError(error)) throw error;
    return reject(error.code, error.message);
  }
}
