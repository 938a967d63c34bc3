import type { Journal } from '@foyer/platform';

import { migrateEngine } from './schema.ts';

export interface DeadLetter {
  kind: 'payload' | 'event';
  /** Who sent the payload, or refused the event. */
  peer: string;
  /** Only of events: one letter each. */
  eventId?: string;
  code: string;
  message: string;
  payload: Uint8Array;
}

/** Letters that are kept, the newest; of each payload so many bytes. */
const keptLetters = 1000;
const keptBytes = 4096;

/** What could not be read or was refused for good: kept for a person to look at, bounded. */
export class DeadLetters {
  readonly #journal: Journal;
  readonly #nowMs: () => number;

  constructor(journal: Journal, nowMs: () => number) {
    migrateEngine(journal);
    this.#journal = journal;
    this.#nowMs = nowMs;
  }

  /** @returns false when this event has a letter already. */
  add(letter: DeadLetter): boolean {
    const { kind, peer, eventId, code, message, payload } = letter;
    return this.#journal.transaction(() => {
      const { changes } = this.#journal
        .prepare(
          `INSERT OR IGNORE INTO dead_letter
           (kind, peer, event_id, code, message, size_bytes, payload, at_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          kind,
          peer,
          eventId ?? null,
          code,
          message.slice(0, 500),
          payload.byteLength,
          Buffer.from(payload.subarray(0, keptBytes)),
          this.#nowMs(),
        );
      this.#journal
        .prepare('DELETE FROM dead_letter WHERE id <= (SELECT max(id) FROM dead_letter) - ?')
        .run(keptLetters);
      return changes === 1;
    });
  }

  count(): number {
    const row = this.#journal.prepare<{ n: number }>('SELECT count(*) AS n FROM dead_letter').get();
    return row?.n ?? 0;
  }
}
