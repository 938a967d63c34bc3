import {
  genesisHash,
  isFoyerError,
  type Ack,
  type EventBody,
  type OutboxEvent,
  type Push,
  type TheatreNo,
} from '@foyer/contracts';

import { forUpdate, type Tx } from '../adapters/store/database.ts';
import { applyEvents, type ReceivedEvent } from '../adapters/store/events.ts';
import type { CloudMetrics } from '../adapters/metrics.ts';
import {
  decidePush,
  judgeEvent,
  parseEventBody,
  type AcceptedEvent,
  type LaneHead,
} from '../engine/index.ts';
import type { ServiceContext } from './context.ts';
import { keepLetter } from './dead-letters.ts';

type Reject = Ack['rejects'][number];

/** Rejects that were told for good have this in front of their event's id as their letter's id. */
const letterOf = (eventId: string): string => `event-${eventId}`;

interface Outcome {
  ack: Ack;
  applied: number;
  known: number;
}

/** Takes what nodes report: each event's effect once, in the transaction that advances its lane. */
export class Ingest {
  readonly #context: ServiceContext;
  readonly #metrics: Pick<CloudMetrics, 'events' | 'rejectedEvent'>;

  constructor(context: ServiceContext, metrics: Pick<CloudMetrics, 'events' | 'rejectedEvent'>) {
    this.#context = context;
    this.#metrics = metrics;
  }

  /**
   * Applies a push of a theatre's node. The answer is the acknowledgement, made after the commit.
   * Throws what the database throws: then nothing was applied, and nothing may be acknowledged.
   */
  async take(theatreNo: TheatreNo, push: Push): Promise<Ack> {
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

  async #takeIn(tx: Tx, theatreNo: TheatreNo, push: Push): Promise<Outcome> {
    const head = await this.#lockLane(tx, theatreNo, push);
    const decision = decidePush(push, head, (seq) => (seq === head.lastSeq ? head.lastHash : null));
    const { node, incarnation, lane } = push;
    const answer = (lastSeq: number, forked: boolean, rejects: Reject[]): Ack => {
      return {
        type: 'ack',
        node,
        incarnation,
        lane,
        lastSeq,
        durableSeq: lastSeq,
        forked,
        rejects,
      };
    };
    const old = push.events.filter((event) => event.seq <= head.lastSeq);
    if (decision.kind !== 'accept') {
      const forked = decision.kind === 'fork';
      return { ack: answer(head.lastSeq, forked, []), applied: 0, known: old.length };
    }
    if (decision.skippedTo !== null) {
      const { skippedTo } = decision;
      const from = head.lastSeq;
      this.#context.logger.warn('events-skipped', { theatreNo, node, lane, from, skippedTo });
    }
    const rejects = await toldBefore(tx, old);
    const fresh = await this.#effects(tx, theatreNo, push, decision.events, rejects);
    await setLane(tx, theatreNo, push, decision.head);
    const ack = answer(decision.head.lastSeq, false, rejects);
    return { ack, applied: fresh, known: push.events.length - fresh - rejects.length };
  }

  /** Applies events that follow the head; adds to `rejects`. @returns how many were new. */
  async #effects(
    tx: Tx,
    theatreNo: TheatreNo,
    push: Push,
    events: readonly AcceptedEvent[],
    rejects: Reject[],
  ): Promise<number> {
    const nowMs = this.#context.clock.nowMs();
    const parsed: ReceivedEvent[] = [];
    for (const event of events) {
      const judged = judge(theatreNo, push, event);
      if (!('kind' in judged)) {
        rejects.push(judged);
        const id = letterOf(event.eventId);
        await this.#keep(tx, theatreNo, push, { id, reject: judged, body: event.body });
      } else parsed.push({ eventId: event.eventId, body: judged });
    }
    if (parsed.length === 0) return 0;
    const { node, incarnation, lane } = push;
    const seqs = new Map(events.map((event) => [event.eventId, event.seq]));
    const got = await tx
      .insertInto('event')
      .values(
        parsed.map(({ eventId, body }) => ({
          event_id: eventId,
          theatre_no: theatreNo,
          node,
          incarnation,
          lane,
          seq: seqs.get(eventId) ?? 0,
          kind: body.kind,
          at_ms: nowMs,
        })),
      )
      .onConflict((on) => on.column('event_id').doNothing())
      .returning('event_id')
      .execute();
    const fresh = new Set(got.map((row) => row.event_id));
    await this.#refuseTaken(tx, theatreNo, push, { parsed, fresh, seqs, rejects });
    // An id may stand twice in one push of a broken node; its first effect counts.
    const effects = parsed.filter((event) => fresh.delete(event.eventId));
    await applyEvents(tx, this.#context.store.kind, theatreNo, effects);
    return effects.length;
  }

  /**
   * Events under an id that another node's event has: whoever came first stands, and who comes
   * second is told, so that nobody's admission vanishes without a word.
   */
  async #refuseTaken(
    tx: Tx,
    theatreNo: TheatreNo,
    push: Push,
    found: {
      parsed: readonly ReceivedEvent[];
      fresh: ReadonlySet<string>;
      seqs: ReadonlyMap<string, number>;
      rejects: Reject[];
    },
  ): Promise<void> {
    const { parsed, fresh, seqs, rejects } = found;
    const known = parsed.filter(({ eventId }) => !fresh.has(eventId));
    if (known.length === 0) return;
    const owners = await tx
      .selectFrom('event')
      .select(['event_id', 'node', 'theatre_no'])
      .where(
        'event_id',
        'in',
        known.map(({ eventId }) => eventId),
      )
      .execute();
    const foreign = new Map(
      owners
        .filter(({ node, theatre_no }) => node !== push.node || theatre_no !== theatreNo)
        .map((row) => [row.event_id, row.node]),
    );
    for (const { eventId, body } of known) {
      const owner = foreign.get(eventId);
      if (owner === undefined) continue;
      const message = `${owner} has written an event ${eventId} before.`;
      const reject = { seq: seqs.get(eventId) ?? 0, eventId, code: 'event-id-taken', message };
      rejects.push(reject);
      const id = `${letterOf(eventId)}-${push.node}`;
      await this.#keep(tx, theatreNo, push, { id, reject, body: JSON.stringify(body) });
    }
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
    const { node, incarnation, lane } = push;
    await tx
      .insertInto('lane')
      .values({
        theatre_no: theatreNo,
        node,
        incarnation,
        lane,
        last_seq: 0,
        last_hash: genesisHash,
      })
      .onConflict((on) => on.columns(['theatre_no', 'node', 'incarnation', 'lane']).doNothing())
      .execute();
    const row = await tx
      .selectFrom('lane')
      .select(['last_seq as lastSeq', 'last_hash as lastHash'])
      .where('theatre_no', '=', theatreNo)
      .where('node', '=', node)
      .where('incarnation', '=', incarnation)
      .where('lane', '=', lane)
      .modifyEnd(forUpdate(this.#context.store.kind))
      .executeTakeFirstOrThrow();
    return row;
  }
}

async function setLane(tx: Tx, theatreNo: TheatreNo, push: Push, head: LaneHead): Promise<void> {
  await tx
    .updateTable('lane')
    .set({ last_seq: head.lastSeq, last_hash: head.lastHash })
    .where('theatre_no', '=', theatreNo)
    .where('node', '=', push.node)
    .where('incarnation', '=', push.incarnation)
    .where('lane', '=', push.lane)
    .execute();
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

/** An event's body, or why it is rejected for good. */
function judge(theatreNo: TheatreNo, push: Push, event: OutboxEvent): EventBody | Reject {
  const { seq, eventId } = event;
  const reject = (code: string, message: string): Reject => {
    return { seq, eventId, code, message: message.slice(0, 200) };
  };
  try {
    const body = parseEventBody(event);
    const { node, lane } = push;
    const fault = judgeEvent({ node, lane, theatreNo }, body);
    return fault === null ? body : reject(fault.code, fault.message);
  } catch (error) {
    if (!isFoyerError(error)) throw error;
    return reject(error.code, error.message);
  }
}
