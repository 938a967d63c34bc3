import type { Push, TheatreNo } from '@foyer/contracts';

import type { LaneHead } from '../../engine/index.ts';
import { compileOnce } from './compiled.ts';
import { forUpdate, type DatabaseKind, type Db, type Tx } from './database.ts';

/** Which lane a push is of. */
type Lane = Pick<Push, 'node' | 'incarnation' | 'lane'>;

function headOf(kind: DatabaseKind) {
  return compileOnce(
    4,
    (db, theatreNo: TheatreNo, node: string, incarnation: string, lane: Lane['lane']) =>
      db
        .selectFrom('lane')
        .select(['last_seq as lastSeq', 'last_hash as lastHash'])
        .where('theatre_no', '=', theatreNo)
        .where('node', '=', node)
        .where('incarnation', '=', incarnation)
        .where('lane', '=', lane)
        .modifyEnd(forUpdate(kind)),
  );
}

const heads = { sqlite: headOf('sqlite'), postgres: headOf('postgres') };

/** How far this end is with a lane, which a transaction locks; undefined: it has none of it. */
export async function laneHead(
  db: Db | Tx,
  kind: DatabaseKind,
  theatreNo: TheatreNo,
  { node, incarnation, lane }: Lane,
): Promise<LaneHead | undefined> {
  const [head] = await heads[kind](db, theatreNo, node, incarnation, lane);
  return head;
}

const moveLane = compileOnce(
  6,
  (
    db,
    lastSeq: number,
    lastHash: string,
    theatreNo: TheatreNo,
    node: string,
    incarnation: string,
    lane: Lane['lane'],
  ) =>
    db
      .updateTable('lane')
      .set({ last_seq: lastSeq, last_hash: lastHash })
      .where('theatre_no', '=', theatreNo)
      .where('node', '=', node)
      .where('incarnation', '=', incarnation)
      .where('lane', '=', lane),
);

/** Moves a lane to where its events are stored to. */
export async function setLane(
  tx: Tx,
  theatreNo: TheatreNo,
  { node, incarnation, lane }: Lane,
  { lastSeq, lastHash }: LaneHead,
): Promise<void> {
  await moveLane(tx, lastSeq, lastHash, theatreNo, node, incarnation, lane);
}
