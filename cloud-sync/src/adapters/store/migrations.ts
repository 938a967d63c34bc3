/**
 * Numbered, forward-only steps of the schema, the same on SQLite and PostgreSQL. `KEY` is the type
 * of a text that is compared: byte order on both, whatever the server's locale.
 */
export const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE catalogue (
      theatre_no bigint NOT NULL, kind KEY NOT NULL, key KEY NOT NULL, doc text NOT NULL,
      PRIMARY KEY (theatre_no, kind, key))`,
    `CREATE TABLE booking (
      booking_id KEY NOT NULL PRIMARY KEY, booking_ref KEY NOT NULL UNIQUE,
      theatre_no bigint NOT NULL, show_no bigint NOT NULL, state text NOT NULL,
      total_minor bigint NOT NULL, currency text NOT NULL, hold_expires_at_ms bigint NOT NULL,
      ticket_class text NOT NULL, rotating bigint NOT NULL, at_ms bigint NOT NULL)`,
    `CREATE INDEX booking_show ON booking (theatre_no, show_no)`,
    `CREATE TABLE ticket (
      ticket_id KEY NOT NULL PRIMARY KEY, booking_id KEY NOT NULL,
      theatre_no bigint NOT NULL, show_no bigint NOT NULL, seat text NOT NULL, seats text NOT NULL,
      ticket_class text NOT NULL, status text NOT NULL, price_minor bigint NOT NULL)`,
    `CREATE INDEX ticket_booking ON ticket (booking_id)`,
    `CREATE INDEX ticket_show ON ticket (theatre_no, show_no)`,
    `CREATE TABLE seat_claim (
      theatre_no bigint NOT NULL, show_no bigint NOT NULL, seat KEY NOT NULL,
      booking_id KEY NOT NULL, expires_at_ms bigint,
      PRIMARY KEY (theatre_no, show_no, seat))`,
    `CREATE INDEX seat_claim_booking ON seat_claim (booking_id)`,
    `CREATE TABLE booking_history (
      booking_id KEY NOT NULL, step bigint NOT NULL, at_ms bigint NOT NULL, what text NOT NULL,
      PRIMARY KEY (booking_id, step))`,
    `CREATE TABLE idempotency (
      key KEY NOT NULL PRIMARY KEY, request_hash text NOT NULL, booking_id KEY NOT NULL,
      at_ms bigint NOT NULL)`,
    `CREATE INDEX idempotency_age ON idempotency (at_ms)`,
    `CREATE TABLE payment (
      booking_id KEY NOT NULL PRIMARY KEY, state KEY NOT NULL, token text NOT NULL,
      charge_id text, amount_minor bigint NOT NULL, currency text NOT NULL, at_ms bigint NOT NULL)`,
    `CREATE INDEX payment_state ON payment (state, at_ms)`,
  ],
  [
    `CREATE TABLE feed (
      theatre_no bigint NOT NULL, feed KEY NOT NULL, epoch text NOT NULL, head bigint NOT NULL,
      mark text, floor bigint NOT NULL, row_count bigint NOT NULL, row_sum bigint NOT NULL,
      PRIMARY KEY (theatre_no, feed))`,
    `CREATE TABLE feed_columns (id bigint NOT NULL PRIMARY KEY, names KEY NOT NULL UNIQUE)`,
    `CREATE TABLE feed_row (
      theatre_no bigint NOT NULL, feed KEY NOT NULL, tbl KEY NOT NULL, key KEY NOT NULL,
      grp KEY NOT NULL, seq bigint NOT NULL, columns_id bigint NOT NULL, enc text,
      hash bigint NOT NULL, gone_ms bigint,
      PRIMARY KEY (theatre_no, feed, tbl, key))`,
    `CREATE UNIQUE INDEX feed_row_seq ON feed_row (theatre_no, feed, seq)`,
    `CREATE INDEX feed_row_group ON feed_row (theatre_no, feed, grp, tbl, key)`,
    `CREATE INDEX feed_row_gone ON feed_row (gone_ms) WHERE gone_ms IS NOT NULL`,
    `CREATE TABLE feed_commit (
      theatre_no bigint NOT NULL, feed KEY NOT NULL, seq bigint NOT NULL, mark text NOT NULL,
      PRIMARY KEY (theatre_no, feed, seq))`,
  ],
  [
    `CREATE TABLE lane (
      theatre_no bigint NOT NULL, node KEY NOT NULL, incarnation KEY NOT NULL, lane KEY NOT NULL,
      last_seq bigint NOT NULL, last_hash text NOT NULL,
      PRIMARY KEY (theatre_no, node, incarnation, lane))`,
    `CREATE TABLE event (
      event_id KEY NOT NULL PRIMARY KEY, theatre_no bigint NOT NULL, node text NOT NULL,
      incarnation text NOT NULL, lane text NOT NULL, seq bigint NOT NULL, kind text NOT NULL,
      at_ms bigint NOT NULL)`,
    `CREATE TABLE admission (
      event_id KEY NOT NULL PRIMARY KEY, theatre_no bigint NOT NULL, ticket_id KEY NOT NULL,
      n bigint NOT NULL, show_no bigint NOT NULL, gate text NOT NULL, scan_id KEY NOT NULL,
      at_ms bigint NOT NULL, flags text NOT NULL, reversed bigint NOT NULL)`,
    `CREATE INDEX admission_theatre ON admission (theatre_no, event_id)`,
    `CREATE INDEX admission_ticket ON admission (ticket_id, n)`,
    `CREATE TABLE reversal (
      event_id KEY NOT NULL PRIMARY KEY, theatre_no bigint NOT NULL, ticket_id KEY NOT NULL,
      n bigint NOT NULL, cause text NOT NULL, gate text NOT NULL, scan_id KEY NOT NULL,
      at_ms bigint NOT NULL)`,
    `CREATE INDEX reversal_ticket ON reversal (theatre_no, ticket_id)`,
    `CREATE TABLE denial (
      event_id KEY NOT NULL PRIMARY KEY, theatre_no bigint NOT NULL, reason text NOT NULL,
      gate text NOT NULL, at_ms bigint NOT NULL)`,
    `CREATE INDEX denial_theatre ON denial (theatre_no)`,
    `CREATE TABLE double_report (
      theatre_no bigint NOT NULL, ticket_id KEY NOT NULL, n bigint NOT NULL,
      admissions text NOT NULL, size bigint NOT NULL,
      PRIMARY KEY (theatre_no, ticket_id, n))`,
    `CREATE TABLE alarm (
      event_id KEY NOT NULL PRIMARY KEY, theatre_no bigint NOT NULL, code text NOT NULL,
      detail text NOT NULL, gate text NOT NULL, at_ms bigint NOT NULL)`,
    `CREATE TABLE dead_letter (
      id KEY NOT NULL PRIMARY KEY, theatre_no bigint NOT NULL, node text NOT NULL,
      code text NOT NULL, message text NOT NULL, payload text NOT NULL, at_ms bigint NOT NULL)`,
    `CREATE INDEX dead_letter_age ON dead_letter (theatre_no, at_ms)`,
  ],
  [
    `CREATE TABLE source_position (
      source KEY NOT NULL PRIMARY KEY, position text NOT NULL, at_ms bigint NOT NULL)`,
  ],
  [
    `CREATE TABLE play (
      theatre_no bigint NOT NULL, node KEY NOT NULL, play_id KEY NOT NULL,
      event_id KEY NOT NULL UNIQUE, incarnation KEY NOT NULL, seq bigint NOT NULL,
      screen_id text NOT NULL, item_id text NOT NULL, campaign_id text, decision_id text,
      programme_hash text NOT NULL, started_at_ms bigint NOT NULL, ended_at_ms bigint,
      outcome text NOT NULL, display text NOT NULL, at_ms bigint NOT NULL,
      PRIMARY KEY (theatre_no, node, play_id))`,
    `CREATE INDEX play_theatre ON play (theatre_no, event_id)`,
    `CREATE TABLE play_seal (
      theatre_no bigint NOT NULL, node KEY NOT NULL, incarnation KEY NOT NULL,
      seq bigint NOT NULL, at_ms bigint NOT NULL,
      PRIMARY KEY (theatre_no, node, incarnation))`,
    `CREATE TABLE screen_log (
      event_id KEY NOT NULL PRIMARY KEY, theatre_no bigint NOT NULL, kind KEY NOT NULL,
      at_ms bigint NOT NULL, doc text NOT NULL)`,
    `CREATE INDEX screen_log_newest ON screen_log (theatre_no, kind, at_ms)`,
  ],
  [
    `CREATE TABLE chain (
      theatre_no bigint NOT NULL, node KEY NOT NULL, incarnation KEY NOT NULL, lane KEY NOT NULL,
      seq bigint NOT NULL, hash text NOT NULL,
      PRIMARY KEY (theatre_no, node, incarnation, lane, seq))`,
  ],
];
