import {
  FoyerError,
  type admissionListSchema,
  type doubleListSchema,
  type Flag,
  type TheatreNo,
  type theatreSummarySchema,
} from '@foyer/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';

import { needTheatre } from '../adapters/store/catalogue.ts';
import type { Db } from '../adapters/store/database.ts';

type Summary = z.infer<typeof theatreSummarySchema>;
type Admissions = z.infer<typeof admissionListSchema>;
type Doubles = z.infer<typeof doubleListSchema>;

interface Counts {
  bookings: number;
  tickets: number;
  admissions: number;
  reversals: number;
  denials: number;
  doubles: number;
  reported: number;
  plays: number;
  letters: number;
}

async function countAll(db: Db, theatreNo: TheatreNo): Promise<Counts> {
  const found = await sql<Counts>`SELECT
    (SELECT count(*) FROM booking
        WHERE theatre_no = ${theatreNo} AND state = 'CONFIRMED') AS bookings,
    (SELECT count(*) FROM ticket WHERE theatre_no = ${theatreNo} AND status = 'valid') AS tickets,
    (SELECT count(*) FROM admission WHERE theatre_no = ${theatreNo}) AS admissions,
    (SELECT count(*) FROM reversal WHERE theatre_no = ${theatreNo}) AS reversals,
    (SELECT count(*) FROM denial WHERE theatre_no = ${theatreNo}) AS denials,
    (SELECT count(*) - count(DISTINCT ticket_id || '/' || n) FROM admission
      WHERE theatre_no = ${theatreNo}) AS doubles,
    (SELECT coalesce(sum(size - 1), 0) FROM double_report
      WHERE theatre_no = ${theatreNo}) AS reported,
    (SELECT count(*) FROM play WHERE theatre_no = ${theatreNo}) AS plays,
    (SELECT count(*) FROM dead_letter WHERE theatre_no = ${theatreNo}) AS letters`.execute(db);
  const counts = found.rows[0];
  if (counts === undefined) throw new FoyerError('internal', 'The database counted nothing.');
  return counts;
}

/** What the cloud has of a theatre. `bookings` and `tickets` are the sold ones. */
export async function theatreSummary(db: Db, theatreNo: TheatreNo): Promise<Summary> {
  await needTheatre(db, theatreNo);
  const counts = await countAll(db, theatreNo);
  const lanes = await db
    .selectFrom('lane')
    .select(['node', 'incarnation', 'lane', 'last_seq as lastSeq'])
    .where('theatre_no', '=', theatreNo)
    .orderBy('node')
    .orderBy('incarnation')
    .orderBy('lane')
    .execute();
  const { reported, letters, ...rest } = counts;
  return { theatreNo, ...rest, reportedDoubles: reported, deadLetters: letters, lanes };
}

/**
 * A page of admissions in the order of their event ids. A walk over all pages sees everything that
 * was there when it began.
 */
export async function listAdmissions(
  db: Db,
  theatreNo: TheatreNo,
  page: { after?: string | undefined; limit: number },
): Promise<Admissions> {
  await needTheatre(db, theatreNo);
  const rows = await db
    .selectFrom('admission')
    .selectAll()
    .where('theatre_no', '=', theatreNo)
    .where('event_id', '>', page.after ?? '')
    .orderBy('event_id')
    .limit(page.limit + 1)
    .execute();
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    admissions: shown.map((row) => ({
      eventId: row.event_id,
      ticketId: row.ticket_id,
      n: row.n,
      showNo: row.show_no,
      gate: row.gate,
      scanId: row.scan_id,
      atMs: row.at_ms,
      flags: JSON.parse(row.flags) as Flag[],
    })),
    nextAfter: rows.length > shown.length && last !== undefined ? last.event_id : null,
  };
}

/** Reports that an answer holds at most; a theatre with more has other troubles. */
const maxDoubles = 10_000;

/** The entry rights that gates reported as admitted more than once. */
export async function listDoubles(db: Db, theatreNo: TheatreNo): Promise<Doubles> {
  await needTheatre(db, theatreNo);
  const rows = await db
    .selectFrom('double_report')
    .selectAll()
    .where('theatre_no', '=', theatreNo)
    .orderBy('ticket_id')
    .orderBy('n')
    .limit(maxDoubles)
    .execute();
  return {
    doubles: rows.map((row) => ({
      ticketId: row.ticket_id,
      n: row.n,
      admissions: JSON.parse(row.admissions) as Doubles['doubles'][number]['admissions'],
    })),
  };
}
