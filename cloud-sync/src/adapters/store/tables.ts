import type { FeedName, Lane } from '@foyer/contracts';

/** The database's tables, the same on SQLite and PostgreSQL. Times are UTC milliseconds. */
export interface Tables {
  catalogue: { theatre_no: number; kind: string; key: string; doc: string };
  booking: BookingTable;
  ticket: TicketTable;
  seat_claim: ClaimTable;
  booking_history: { booking_id: string; step: number; at_ms: number; what: string };
  idempotency: { key: string; request_hash: string; booking_id: string; at_ms: number };
  payment: PaymentTable;
  feed: FeedTable;
  feed_row: FeedRowTable;
  feed_columns: { id: number; names: string };
  feed_commit: { theatre_no: number; feed: FeedName; seq: number; mark: string };
  lane: LaneTable;
  chain: ChainTable;
  event: EventTable;
  admission: AdmissionTable;
  reversal: ReversalTable;
  denial: { event_id: string; theatre_no: number; reason: string; gate: string; at_ms: number };
  double_report: DoubleReportTable;
  alarm: {
    event_id: string;
    theatre_no: number;
    code: string;
    detail: string;
    gate: string;
    at_ms: number;
  };
  play: PlayTable;
  play_seal: PlaySealTable;
  /** Faults of screens and emergencies, each as it was told. */
  screen_log: { event_id: string; theatre_no: number; kind: string; at_ms: number; doc: string };
  dead_letter: DeadLetterTable;
  source_position: { source: string; position: string; at_ms: number };
}

export interface BookingTable {
  booking_id: string;
  booking_ref: string;
  theatre_no: number;
  show_no: number;
  /** PENDING is read as EXPIRED once `hold_expires_at_ms` has passed. */
  state: 'PENDING' | 'CONFIRMED' | 'CANCELLED' | 'EXPIRED';
  total_minor: number;
  currency: string;
  hold_expires_at_ms: number;
  ticket_class: string;
  rotating: number;
  at_ms: number;
}

export interface TicketTable {
  ticket_id: string;
  booking_id: string;
  theatre_no: number;
  show_no: number;
  /** Label on the ticket; the seats behind it are in `seats`, as JSON. */
  seat: string;
  seats: string;
  ticket_class: string;
  status: string;
  price_minor: number;
}

export interface ClaimTable {
  theatre_no: number;
  show_no: number;
  seat: string;
  booking_id: string;
  /** Null: sold. */
  expires_at_ms: number | null;
}

export interface PaymentTable {
  booking_id: string;
  state: 'charging' | 'captured' | 'declined' | 'refund-due' | 'refunded';
  token: string;
  charge_id: string | null;
  amount_minor: number;
  currency: string;
  at_ms: number;
}

export interface FeedTable {
  theatre_no: number;
  feed: FeedName;
  epoch: string;
  head: number;
  mark: string | null;
  floor: number;
  row_count: number;
  row_sum: number;
}

export interface FeedRowTable {
  theatre_no: number;
  feed: FeedName;
  tbl: string;
  key: string;
  grp: string;
  seq: number;
  columns_id: number;
  enc: string | null;
  hash: number;
  /** When it became a tombstone. */
  gone_ms: number | null;
}

export interface LaneTable {
  theatre_no: number;
  node: string;
  incarnation: string;
  lane: Lane;
  last_seq: number;
  last_hash: string;
}

/** The chain's hash after each event of a lane: a disk's past may part from it anywhere. */
export interface ChainTable {
  theatre_no: number;
  node: string;
  incarnation: string;
  lane: Lane;
  seq: number;
  hash: string;
}

export interface EventTable {
  event_id: string;
  theatre_no: number;
  node: string;
  incarnation: string;
  lane: Lane;
  seq: number;
  kind: string;
  at_ms: number;
}

export interface AdmissionTable {
  event_id: string;
  theatre_no: number;
  ticket_id: string;
  n: number;
  show_no: number;
  gate: string;
  scan_id: string;
  at_ms: number;
  flags: string;
  reversed: number;
}

export interface ReversalTable {
  event_id: string;
  theatre_no: number;
  ticket_id: string;
  n: number;
  cause: string;
  gate: string;
  scan_id: string;
  at_ms: number;
}

export interface DoubleReportTable {
  theatre_no: number;
  ticket_id: string;
  n: number;
  admissions: string;
  size: number;
}

/** A proof of play; a play that its node tells twice is one row. */
export interface PlayTable {
  theatre_no: number;
  node: string;
  play_id: string;
  event_id: string;
  incarnation: string;
  /** Of the event in the node's lane `bulk`. */
  seq: number;
  screen_id: string;
  item_id: string;
  campaign_id: string | null;
  decision_id: string | null;
  programme_hash: string;
  started_at_ms: number;
  ended_at_ms: number | null;
  outcome: string;
  display: string;
  at_ms: number;
}

/** How far the newest sound seal of a node's lane speaks. */
export interface PlaySealTable {
  theatre_no: number;
  node: string;
  incarnation: string;
  seq: number;
  at_ms: number;
}

export interface DeadLetterTable {
  id: string;
  theatre_no: number;
  node: string;
  code: string;
  message: string;
  payload: string;
  at_ms: number;
}
