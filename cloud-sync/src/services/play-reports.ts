import {
  emergencyEventSchema,
  emergencyShownEventSchema,
  screenFaultEventSchema,
  type playListSchema,
  type screenLogSchema,
  type TheatreNo,
} from '@foyer/contracts';
import { sql } from 'kysely';
import { z } from 'zod';

import { needTheatre } from '../adapters/store/catalogue.ts';
import type { Db } from '../adapters/store/database.ts';
import type { PlayTable } from '../adapters/store/tables.ts';

type Plays = z.infer<typeof playListSchema>;
type ScreenLog = z.infer<typeof screenLogSchema>;

/** Faults, and emergencies, that an answer holds at most. */
const maxLogged = 500;

/** A page of proofs of play in the order of their event ids. */
export async function listPlays(
  db: Db,
  theatreNo: TheatreNo,
  page: { after?: string | undefined; limit: number },
): Promise<Plays> {
  await needTheatre(db, theatreNo);
  const { rows } = await sql<PlayTable & { sealed: number }>`
    SELECT p.*, CASE WHEN s.seq >= p.seq THEN 1 ELSE 0 END AS sealed
    FROM play AS p LEFT JOIN play_seal AS s
      ON s.theatre_no = p.theatre_no AND s.node = p.node AND s.incarnation = p.incarnation
    WHERE p.theatre_no = ${theatreNo} AND p.event_id > ${page.after ?? ''}
    ORDER BY p.event_id LIMIT ${page.limit + 1}`.execute(db);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    plays: shown.map(playOf),
    next: rows.length > shown.length && last !== undefined ? last.event_id : null,
  };
}

function playOf(row: PlayTable & { sealed: number }): Plays['plays'][number] {
  return {
    kind: 'play',
    eventId: row.event_id,
    playId: row.play_id,
    screenId: row.screen_id,
    itemId: row.item_id,
    campaignId: row.campaign_id,
    decisionId: row.decision_id,
    programmeHash: row.programme_hash,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    // Both were checked against their lists when the event came in.
    outcome: row.outcome as Plays['plays'][number]['outcome'],
    display: row.display as Plays['plays'][number]['display'],
    gate: row.node,
    atMs: row.at_ms,
    sealed: row.sealed === 1,
  };
}

const emergencySchema = z.discriminatedUnion('kind', [
  emergencyEventSchema,
  emergencyShownEventSchema,
]);

/** The newest faults of screens, and the newest news of emergencies. */
export async function screenLog(db: Db, theatreNo: TheatreNo): Promise<ScreenLog> {
  await needTheatre(db, theatreNo);
  const newest = async (...kinds: string[]) => {
    const rows = await db
      .selectFrom('screen_log')
      .select(['event_id', 'doc'])
      .where('theatre_no', '=', theatreNo)
      .where('kind', 'in', kinds)
      .orderBy('at_ms', 'desc')
      .orderBy('event_id')
      .limit(maxLogged)
      .execute();
    return rows.map((row) => ({ eventId: row.event_id, doc: JSON.parse(row.doc) as unknown }));
  };
  const faults = await newest('screen-fault');
  const emergencies = await newest('emergency', 'emergency-shown');
  return {
    faults: faults.map(({ eventId, doc }) => ({ ...screenFaultEventSchema.parse(doc), eventId })),
    emergencies: emergencies.map(({ eventId, doc }) => {
      return { ...emergencySchema.parse(doc), eventId };
    }),
  };
}
