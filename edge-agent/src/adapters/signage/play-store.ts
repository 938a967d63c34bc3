import { playSchema, type Play } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

/** A play that began and whose end is not known yet. */
export interface OpenPlay {
  play: Play;
  /** When this node took it in, by its own clock. */
  openedMs: number;
}

/** Plays without an end. Writes belong into the caller's transaction. */
export interface PlayStore {
  /** False when it is open already. */
  open(play: OpenPlay): boolean;
  close(playId: string): void;
  /** Those that were taken in the longest ago first. */
  oldest(limit: number): OpenPlay[];
  count(): number;
}

interface Row {
  openedMs: number;
  body: string;
}

const columns = 'opened_ms AS openedMs, body';

function toPlay({ openedMs, body }: Row): OpenPlay {
  return { play: playSchema.parse(JSON.parse(body)), openedMs };
}

export function openPlays(journal: Journal): PlayStore {
  const add = journal.prepare(
    `INSERT OR IGNORE INTO signage_play (play_id, opened_ms, body)
     VALUES (?, ?, ?)`,
  );
  const close = journal.prepare('DELETE FROM signage_play WHERE play_id = ?');
  const oldest = journal.prepare<Row>(`SELECT ${columns} FROM signage_play ORDER BY place LIMIT ?`);
  const count = journal.prepare<{ n: number }>('SELECT count(*) AS n FROM signage_play');
  return {
    open({ play, openedMs }) {
      const body = JSON.stringify(play);
      return add.run(play.playId, Math.round(openedMs), body).changes > 0;
    },
    close: (playId) => void close.run(playId),
    oldest: (limit) => oldest.all(limit).map((row) => toPlay(row)),
    count: () => count.get()?.n ?? 0,
  };
}
