import { eventBodySchema } from '@foyer/contracts';
import type { Status } from '@foyer/contracts';
import Database from 'better-sqlite3';

import type { FeedState, NodeEnd, SeenEvent } from '../checkers/evidence.ts';

/** Reads a database that nobody has open. */
type Read = <Row>(sql: string) => Row[];

const eventsSql = `
  SELECT node, incarnation, lane, seq, event_id AS eventId, body
  FROM outbox_event JOIN outbox_lane ON outbox_lane.id = outbox_event.lane_id`;

const eventsIn = (read: Read): SeenEvent[] =>
  read<Omit<SeenEvent, 'body'> & { body: string }>(eventsSql).map((row) => ({
    ...row,
    body: eventBodySchema.parse(JSON.parse(row.body)),
  }));

function feedsIn(read: Read): FeedState[] {
  const feeds = read<Omit<FeedState, 'rows'> & { generation: number }>(
    'SELECT feed, epoch, cursor, generation FROM sync_feed',
  );
  return feeds.map(({ generation, ...feed }) => {
    const rows = read<{ place: string; enc: string }>(
      `SELECT tbl || '/' || key AS place, enc FROM sync_row
       WHERE generation = ${generation} AND enc IS NOT NULL`,
    );
    return { ...feed, rows: new Map(rows.map(({ place, enc }) => [place, enc])) };
  });
}

type OwnLane = NodeEnd['lanes'][number];

/** What is durable is written down now and then only: the status knows the newest. */
function withStatus(lane: OwnLane, status: Status | undefined): OwnLane {
  if (status?.incarnation !== lane.incarnation) return lane;
  const told = status.lanes.find((one) => one.lane === lane.lane)?.durable ?? 0;
  return { ...lane, durableSeq: Math.max(lane.durableSeq, told) };
}

/**
 * What is on the disk of a node that was stopped.
 * @param status asked just before.
 */
export function readNodeEnd(path: string, node: string, status: Status | undefined): NodeEnd {
  const database = new Database(path, { readonly: true });
  try {
    const read: Read = <Row>(sql: string) => database.prepare<[], Row>(sql).all();
    const lanes = read<OwnLane>(
      `SELECT incarnation, lane, last_seq AS lastSeq, durable_seq AS durableSeq
       FROM outbox_lane WHERE node = '${node}'`,
    );
    const letters = read<{ code: string; count: number }>(
      'SELECT code, count(*) AS count FROM dead_letter GROUP BY code',
    );
    return {
      node,
      role: node === 'theatre' ? 'theatre' : 'gate',
      events: eventsIn(read),
      lanes: lanes.map((lane) => withStatus(lane, status)),
      feeds: feedsIn(read),
      doublesKnown: status?.counts.doublesKnown ?? 0,
      refused: Object.fromEntries(letters.map(({ code, count }) => [code, count])),
    };
  } finally {
    database.close();
  }
}
