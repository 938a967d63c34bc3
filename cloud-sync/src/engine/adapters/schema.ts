import type { Journal } from '@foyer/platform';

/**
 * The engine's tables, one list of statements a version; forward only. They are numbered in a table
 * of their own, so that the engine and what it shares a file with grow independently.
 */
const versions: readonly (readonly string[])[] = [
  [
    `CREATE TABLE sync_feed (
      feed TEXT PRIMARY KEY,
      generation INTEGER NOT NULL,
      epoch TEXT,
      cursor INTEGER NOT NULL,
      mark TEXT,
      floor INTEGER NOT NULL,
      newest_seq INTEGER NOT NULL,
      row_count INTEGER NOT NULL,
      row_sum INTEGER NOT NULL,
      applied_ms INTEGER
    ) WITHOUT ROWID`,
    `CREATE TABLE sync_build (
      feed TEXT PRIMARY KEY,
      generation INTEGER NOT NULL,
      epoch TEXT NOT NULL,
      head INTEGER NOT NULL,
      mark TEXT,
      floor INTEGER NOT NULL,
      after TEXT NOT NULL,
      newest_seq INTEGER NOT NULL,
      row_count INTEGER NOT NULL,
      row_sum INTEGER NOT NULL
    ) WITHOUT ROWID`,
    `CREATE TABLE sync_generation (
      generation INTEGER PRIMARY KEY AUTOINCREMENT, feed TEXT NOT NULL)`,
    `CREATE TABLE sync_columns (id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE)`,
    // Rows lie in the order of their arrival: ticket ids are random, and rows in their order would
    // have every transaction of a first sync rewrite most of the pages.
    `CREATE TABLE sync_row (
      generation INTEGER NOT NULL,
      tbl TEXT NOT NULL,
      key TEXT NOT NULL,
      grp TEXT NOT NULL,
      seq INTEGER NOT NULL,
      columns_id INTEGER NOT NULL,
      enc TEXT,
      hash INTEGER NOT NULL,
      gone_ms INTEGER
    )`,
    `CREATE UNIQUE INDEX sync_row_key ON sync_row (generation, tbl, key)`,
    `CREATE INDEX sync_row_seq ON sync_row (generation, seq)`,
    `CREATE INDEX sync_row_gone ON sync_row (gone_ms) WHERE gone_ms IS NOT NULL`,
    `CREATE TABLE sync_digest (
      generation INTEGER NOT NULL,
      grp TEXT NOT NULL,
      row_count INTEGER NOT NULL,
      row_sum INTEGER NOT NULL,
      PRIMARY KEY (generation, grp)
    ) WITHOUT ROWID`,
    `CREATE TABLE sync_mark (
      feed TEXT NOT NULL,
      seq INTEGER NOT NULL,
      mark TEXT NOT NULL,
      PRIMARY KEY (feed, seq)
    ) WITHOUT ROWID`,
    `CREATE TABLE outbox_self (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      incarnation TEXT NOT NULL
    )`,
    `CREATE TABLE outbox_lane (
      id INTEGER PRIMARY KEY,
      node TEXT NOT NULL,
      incarnation TEXT NOT NULL,
      lane TEXT NOT NULL,
      first_seq INTEGER NOT NULL,
      base_hash TEXT NOT NULL,
      last_seq INTEGER NOT NULL,
      last_hash TEXT NOT NULL,
      durable_seq INTEGER NOT NULL,
      forked INTEGER NOT NULL,
      touched_ms INTEGER NOT NULL,
      UNIQUE (node, incarnation, lane)
    )`,
    `CREATE TABLE outbox_event (
      lane_id INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      event_id TEXT NOT NULL,
      body TEXT NOT NULL,
      hash TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (lane_id, seq)
    ) WITHOUT ROWID`,
    `CREATE INDEX outbox_event_id ON outbox_event (event_id)`,
    `CREATE TABLE outbox_reject (
      lane_id INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      event_id TEXT NOT NULL,
      code TEXT NOT NULL,
      message TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (lane_id, seq)
    ) WITHOUT ROWID`,
    `CREATE TABLE dead_letter (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL,
      peer TEXT NOT NULL,
      event_id TEXT UNIQUE,
      code TEXT NOT NULL,
      message TEXT NOT NULL,
      size_bytes INTEGER NOT NULL,
      payload BLOB NOT NULL,
      at_ms INTEGER NOT NULL
    )`,
  ],
];

/**
 * Brings the engine's tables in a journal up to date. Idempotent; the stores call it themselves.
 */
export function migrateEngine(journal: Journal): void {
  journal.transaction(() => {
    journal.prepare('CREATE TABLE IF NOT EXISTS sync_schema (version INTEGER PRIMARY KEY)').run();
    const row = journal
      .prepare<{ version: number | null }>('SELECT max(version) AS version FROM sync_schema')
      .get();
    const done = row?.version ?? 0;
    for (const [index, statements] of versions.entries()) {
      if (index < done) continue;
      for (const statement of statements) journal.prepare(statement).run();
      journal.prepare('INSERT INTO sync_schema VALUES (?)').run(index + 1);
    }
  });
}
