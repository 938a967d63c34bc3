import { PerSecond } from '@foyer/platform';

import type { Tx } from '../adapters/store/database.ts';
import type { ServiceContext } from './context.ts';

/** Letters that are kept of a theatre; the oldest make room. */
const maxLetters = 1000;
/** Bytes of a payload that are kept, as base64. */
const maxPayloadBytes = 4096;
/**
 * Letters and lines of the log that a second may bring; more are counted only: a flood must fill
 * neither.
 */
const maxLettersPerS = 20;

/** A payload or an event that was not taken. */
export interface DeadLetter {
  id: string;
  theatreNo: number;
  node: string;
  code: string;
  message: string;
  payload: Uint8Array;
}

/** Keeps a letter inside the caller's transaction; the oldest beyond the bound goes. */
export async function keepLetter(tx: Tx, letter: DeadLetter, nowMs: number): Promise<void> {
  const { theatreNo } = letter;
  await tx
    .insertInto('dead_letter')
    .values({
      id: letter.id,
      theatre_no: theatreNo,
      node: letter.node,
      code: letter.code,
      message: letter.message.slice(0, 200),
      payload: Buffer.from(letter.payload.subarray(0, maxPayloadBytes)).toString('base64'),
      at_ms: nowMs,
    })
    .onConflict((on) => on.column('id').doNothing())
    .execute();
  await tx
    .deleteFrom('dead_letter')
    .where('id', 'in', (from) =>
      from
        .selectFrom('dead_letter')
        .select('id')
        .where('theatre_no', '=', theatreNo)
        .orderBy('at_ms', 'desc')
        .orderBy('id')
        .limit(maxLetters)
        .offset(maxLetters),
    )
    .execute();
}

/** Takes payloads that nobody could read. Never throws: what it cannot keep it logs. */
export class DeadLetterBox {
  readonly #context: ServiceContext;
  readonly #letters = new PerSecond(maxLettersPerS);

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  async put(letter: Omit<DeadLetter, 'id'>): Promise<void> {
    const { store, clock, random, logger } = this.#context;
    const { theatreNo, node, code, message } = letter;
    if (!this.#letters.take(clock.monotonicMs())) return;
    const notLogged = this.#letters.leftOut();
    logger.warn('payload-refused', { theatreNo, node, code, reason: message, notLogged });
    try {
      const full = { ...letter, id: random.uuid() };
      await store.transaction((tx) => keepLetter(tx, full, clock.nowMs()));
    } catch (error) {
      logger.error('dead-letter-lost', { theatreNo, node, reason: String(error) });
    }
  }
}
