import {
  eventBodySchema,
  type EventBody,
  type FeedName,
  type Lane,
  type NodeId,
  type Status,
} from '@foyer/contracts';
import type { SimDisk } from '@foyer/platform/sim';

import type { CloudEnd, FeedState, NodeEnd, SeenEvent } from '../checkers/evidence.ts';
import type { SimNode } from './node.ts';

/** An event's identity, and its text as it is stored. */
interface EventRow {
  node: NodeId;
  incarnation: string;
  lane: Lane;
  seq: number;
  event_id: string;
  body: string;
}

const eventSql = `
  SELECT node, incarnation, lane, seq, event_id, body
  FROM outbox_event JOIN outbox_lane ON outbox_lane.id = lane_id`;

/** Bodies are the same text on every disk: each is parsed once. */
const parsed = new Map<string, EventBody>();
const mostParsed = 20_000;

function bodyOf(text: string): EventBody {
  let body = parsed.get(text);
  if (body === undefined) {
    if (parsed.size >= mostParsed) parsed.clear();
    body = eventBodySchema.parse(JSON.parse(text));
    parsed.set(text, body);
  }
  return body;
}

/** Every event that a node's disk holds, of whatever node. */
export function eventsOn(disk: SimDisk): SeenEvent[] {
  return disk.read<EventRow>(eventSql).map((row) => ({
    node: row.node,
    incarnation: row.incarnation,
    lane: row.lane,
    seq: row.seq,
    eventId: row.event_id,
    body: bodyOf(row.body),
  }));
}

/** What was read of each disk, by query, and of which version. */
const kept = new WeakMap<SimDisk, Map<string, { version: string; rows: unknown[] }>>();

/** Like `disk.read`, and reads again only what was written since. */
function readKept<Row>(disk: SimDisk, sql: string): Row[] {
  const version = disk.version();
  const queries = kept.get(disk) ?? new Map<string, { version: string; rows: unknown[] }>();
  kept.set(disk, queries);
  const known = queries.get(sql);
  if (known?.version === version) return known.rows as Row[];
  const rows = disk.read<Row>(sql);
  queries.set(sql, { version, rows });
  return rows;
}

const idsOf = (disk: SimDisk, sql: string): string[] =>
  readKept<{ event_id: string }>(disk, sql).map((row) => row.event_id);

/** Ids of all events on a node's disk. */
export const eventIdsOn = (disk: SimDisk): string[] =>
  idsOf(disk, 'SELECT event_id FROM outbox_event');

/** Ids of all events that the cloud's database has. */
export const eventIdsInCloud = (disk: SimDisk): string[] => [
  ...idsOf(disk, 'SELECT event_id FROM event'),
  ...idsOf(disk, "SELECT substr(id, 7) AS event_id FROM dead_letter WHERE id LIKE 'event-%'"),
];

/** Ids of the ledger's events on a node's disk. */
export const ledgerIdsOn = (disk: SimDisk): string[] =>
  idsOf(
    disk,
    `SELECT event_id FROM outbox_event JOIN outbox_lane ON outbox_lane.id = lane_id
     WHERE lane = 'ledger'`,
  );

/** Ids of the ledger's events that the cloud's database has. */
export const ledgerIdsInCloud = (disk: SimDisk): string[] =>
  idsOf(disk, "SELECT event_id FROM event WHERE lane = 'ledger'");

/** A row of a feed, on a node's disk or in the cloud. */
interface EncodedRow {
  feed: FeedName;
  tbl: string;
  key: string;
  enc: string;
}

/** The rows of one feed, as evidence has them. */
const rowsOf = (rows: readonly EncodedRow[], feed: FeedName): FeedState['rows'] =>
  new Map(rows.flatMap((row) => (row.feed === feed ? [[`${row.tbl}/${row.key}`, row.enc]] : [])));

function feedsOn(disk: SimDisk): FeedState[] {
  const rows = disk.read<EncodedRow>(
    `SELECT f.feed AS feed, tbl, key, enc FROM sync_feed AS f
     JOIN sync_row AS r ON r.generation = f.generation WHERE enc IS NOT NULL`,
  );
  const feeds = disk.read<{ feed: FeedName; epoch: string | null; cursor: number }>(
    'SELECT feed, epoch, cursor FROM sync_feed',
  );
  return feeds.map((feed) => ({ ...feed, rows: rowsOf(rows, feed.feed) }));
}

/** What a node's disk holds, read when nothing runs on it; and its last status. */
export function readNode({ id, role, disk }: SimNode, status: Status | undefined): NodeEnd {
  return {
    node: id,
    role,
    events: eventsOn(disk),
    lanes: (status?.lanes ?? []).map(({ lane, head, durable }) => ({
      incarnation: status?.incarnation ?? '',
      lane,
      lastSeq: head,
      durableSeq: durable,
    })),
    feeds: feedsOn(disk),
    admissions: idsOf(disk, 'SELECT event_id FROM ledger_admission'),
    doublesKnown: status?.counts.doublesKnown ?? 0,
    refused: {},
  };
}

/** Whether a node's replicas have other rows than the cloud's feeds. */
export function differsFrom(cloud: SimDisk, node: SimDisk): boolean {
  const sources = new Map(cloudFeeds(cloud).map(({ feed, rows }) => [feed, rows]));
  return feedsOn(node).some(({ feed, rows }) => {
    const theirs = sources.get(feed) ?? new Map<string, string>();
    return rows.size !== theirs.size || [...rows].some(([place, enc]) => theirs.get(place) !== enc);
  });
}

interface CloudEventRow {
  event_id: string;
  node: NodeId;
  incarnation: string;
  lane: Lane;
  seq: number;
  kind: EventBody['kind'];
}

interface EffectRow {
  event_id: string;
  effects: number;
}

/** How often each event's effect is there; a double report's is in the report. */
function effectsIn(disk: SimDisk): Map<string, number> {
  const counted = ['admission', 'reversal', 'denial', 'alarm'].flatMap((table) =>
    disk.read<EffectRow>(`SELECT event_id, count(*) AS effects FROM ${table} GROUP BY event_id`),
  );
  return new Map(counted.map(({ event_id, effects }) => [event_id, effects]));
}

export function ticketIdsInCloud(disk: SimDisk): Set<string> {
  const rows = disk.read<{ ticket_id: string }>('SELECT ticket_id FROM ticket');
  return new Set(rows.map((row) => row.ticket_id));
}

/** How far the cloud is with each lane; its name is `node/incarnation/lane`. */
export function cloudLanes(disk: SimDisk): { name: string; lastSeq: number }[] {
  return readKept(
    disk,
    "SELECT node || '/' || incarnation || '/' || lane AS name, last_seq AS lastSeq FROM lane",
  );
}

/** Where the cloud's feeds end. */
export function feedHeads(disk: SimDisk): { feed: FeedName; epoch: string; head: number }[] {
  return readKept(disk, 'SELECT feed, epoch, head FROM feed');
}

interface AdmissionRow {
  event_id: string;
  scan_id: string;
  ticket_id: string;
  n: number;
  gate: NodeId;
  reversed: number;
}

function cloudFeeds(disk: SimDisk): FeedState[] {
  const rows = disk.read<EncodedRow>(
    'SELECT feed, tbl, key, enc FROM feed_row WHERE enc IS NOT NULL',
  );
  return feedHeads(disk).map(({ feed, epoch, head }) => ({
    feed,
    epoch,
    cursor: head,
    rows: rowsOf(rows, feed),
  }));
}

/** Letters of events that were refused for good are called so, with the event's id behind. */
const ofEvent = 'event-';

/** What the cloud's database holds. */
export function readCloud(disk: SimDisk): CloudEnd {
  const effects = effectsIn(disk);
  const events = disk.read<CloudEventRow>(
    'SELECT event_id, node, incarnation, lane, seq, kind FROM event',
  );
  const reports = disk.read<{ ticket_id: string; n: number; admissions: string }>(
    'SELECT ticket_id, n, admissions FROM double_report',
  );
  return {
    events: events.map(({ event_id: eventId, ...event }) => ({
      ...event,
      eventId,
      effects: event.kind === 'double-report' ? 1 : (effects.get(eventId) ?? 0),
    })),
    admissions: disk
      .read<AdmissionRow>('SELECT event_id, scan_id, ticket_id, n, gate, reversed FROM admission')
      .map((row) => ({
        eventId: row.event_id,
        scanId: row.scan_id,
        ticketId: row.ticket_id,
        n: row.n,
        gate: row.gate,
        reversed: row.reversed === 1,
      })),
    reports: reports.map((row) => ({
      ticketId: row.ticket_id,
      n: row.n,
      admissions: JSON.parse(row.admissions) as CloudEnd['reports'][number]['admissions'],
    })),
    feeds: cloudFeeds(disk),
    deadLetters: disk
      .read<{ id: string; code: string; node: string }>('SELECT id, code, node FROM dead_letter')
      .map(({ id, ...letter }) => ({
        ...letter,
        ...(id.startsWith(ofEvent) ? { eventId: id.slice(ofEvent.length) } : {}),
      })),
  };
}
