import type { Migration } from '@foyer/platform';

/** Tables of the screens, placed in the agent's list of migrations and never changed again. */
export const signageMigrations: readonly Migration[] = [
  `
  CREATE TABLE signage_emergency (
    emergency_id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    seen_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE signage_delay (
    show_no INTEGER PRIMARY KEY,
    delay_min INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
  );
  CREATE TABLE signage_play (
    place INTEGER PRIMARY KEY,
    play_id TEXT NOT NULL UNIQUE,
    opened_ms INTEGER NOT NULL,
    body TEXT NOT NULL
  );
  CREATE TABLE signage_fault (
    place INTEGER PRIMARY KEY,
    screen_id TEXT NOT NULL,
    code TEXT NOT NULL,
    object TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    UNIQUE (screen_id, code, object, at_ms)
  );
  CREATE TABLE signage_screen (screen_id TEXT PRIMARY KEY, emergency_id TEXT) WITHOUT ROWID;
  `,
];
