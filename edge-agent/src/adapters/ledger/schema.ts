import type { Migration } from '@foyer/platform';

/** Tables of the ledger, to be placed in the agent's list of migrations and never changed again. */
export const ledgerMigrations: readonly Migration[] = [
  `
  CREATE TABLE ledger_boot (boot INTEGER PRIMARY KEY);
  CREATE TABLE ledger_vote (
    ticket_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    show_no INTEGER NOT NULL,
    config_epoch INTEGER NOT NULL,
    node TEXT NOT NULL,
    boot INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    PRIMARY KEY (ticket_id, n)
  ) WITHOUT ROWID;
  CREATE TABLE ledger_admission (
    ticket_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    show_no INTEGER NOT NULL,
    gate TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    flags TEXT NOT NULL,
    own INTEGER NOT NULL,
    PRIMARY KEY (ticket_id, n, event_id)
  ) WITHOUT ROWID;
  CREATE INDEX ledger_admission_scan ON ledger_admission (scan_id);
  CREATE TABLE ledger_reversal (
    ticket_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    gate TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (ticket_id, n)
  ) WITHOUT ROWID;
  CREATE TABLE ledger_scan (
    place INTEGER PRIMARY KEY,
    scan_id TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    verdict TEXT NOT NULL
  );
  CREATE TABLE ledger_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE ledger_recovered (config_epoch INTEGER PRIMARY KEY) WITHOUT ROWID;
  `,
];
