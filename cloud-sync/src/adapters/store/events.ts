import type {
  AdmissionEvent,
  AlarmEvent,
  DoubleReport,
  EventBody,
  ReversalEvent,
  TheatreNo,
} from '@foyer/contracts';

import { admissionUnion } from '../../domain/doubles.ts';
import { forUpdate, type DatabaseKind, type Tx } from './database.ts';
import { keepPlays, keepScreenLog } from './plays.ts';
import type { ReceivedEvent } from './received-event.ts';

/** Those of one kind. */
export function ofKind<K extends EventBody['kind']>(events: readonly ReceivedEvent[], kind: K) {
  return events.filter(
    (event): event is ReceivedEvent<Extract<EventBody, { kind: K }>> => event.body.kind === kind,
  );
}

/**
 * Writes the effects of events that were never seen, inside the transaction that advances their
 * lane. Admissions go first: a reversal finds its admission, whichever order a push has them in.
 */
export async function applyEvents(
  tx: Tx,
  kind: DatabaseKind,
  theatreNo: TheatreNo,
  origin: { node: string; incarnation: string },
  events: readonly ReceivedEvent[],
): Promise<void> {
  await admit(tx, theatreNo, ofKind(events, 'admission'));
  await reverse(tx, theatreNo, ofKind(events, 'reversal'));
  const denials = ofKind(events, 'denial').map(({ eventId, body }) => ({
    event_id: eventId,
    theatre_no: theatreNo,
    reason: body.reason,
    gate: body.gate,
    at_ms: body.atMs,
  }));
  if (denials.length > 0) await tx.insertInto('denial').values(denials).execute();
  await alarm(tx, theatreNo, ofKind(events, 'alarm'));
  // Two workers that grow the same reports meet them in one order.
  const reports = ofKind(events, 'double-report').toSorted((a, b) =>
    keyOf(a.body) < keyOf(b.body) ? -1 : 1,
  );
  for (const report of reports) await growReport(tx, kind, theatreNo, report.body);
  await keepPlays(tx, { theatreNo, ...origin }, ofKind(events, 'play'));
  await keepScreenLog(tx, theatreNo, events);
}

function keyOf({ right }: DoubleReport): string {
  return `${right.ticketId}/${String(right.n).padStart(4, '0')}`;
}

async function admit(
  tx: Tx,
  theatreNo: TheatreNo,
  events: readonly ReceivedEvent<AdmissionEvent>[],
): Promise<void> {
  if (events.length === 0) return;
  const reversed = await tx
    .selectFrom('reversal')
    .select(['ticket_id', 'n', 'scan_id'])
    .where('theatre_no', '=', theatreNo)
    .where('ticket_id', 'in', [...new Set(events.map(({ body }) => body.right.ticketId))])
    .execute();
  const gone = new Set(reversed.map((row) => `${row.ticket_id}/${row.n}/${row.scan_id}`));
  const rows = events.map(({ eventId, body }) => ({
    event_id: eventId,
    theatre_no: theatreNo,
    ticket_id: body.right.ticketId,
    n: body.right.n,
    show_no: body.showNo,
    gate: body.gate,
    scan_id: body.scanId,
    at_ms: body.atMs,
    flags: JSON.stringify(body.flags),
    reversed: gone.has(`${body.right.ticketId}/${body.right.n}/${body.scanId}`) ? 1 : 0,
  }));
  await tx.insertInto('admission').values(rows).execute();
}

async function reverse(
  tx: Tx,
  theatreNo: TheatreNo,
  events: readonly ReceivedEvent<ReversalEvent>[],
): Promise<void> {
  for (const { eventId, body } of events) {
    const { ticketId, n } = body.right;
    await tx
      .insertInto('reversal')
      .values({
        event_id: eventId,
        theatre_no: theatreNo,
        ticket_id: ticketId,
        n,
        cause: body.cause,
        gate: body.gate,
        scan_id: body.scanId,
        at_ms: body.atMs,
      })
      .execute();
    await tx
      .updateTable('admission')
      .set({ reversed: 1 })
      .where('ticket_id', '=', ticketId)
      .where('n', '=', n)
      .where('scan_id', '=', body.scanId)
      .execute();
  }
}

async function alarm(
  tx: Tx,
  theatreNo: TheatreNo,
  events: readonly ReceivedEvent<AlarmEvent>[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ eventId, body }) => ({
    event_id: eventId,
    theatre_no: theatreNo,
    code: body.code,
    detail: body.detail,
    gate: body.gate,
    at_ms: body.atMs,
  }));
  await tx.insertInto('alarm').values(rows).execute();
}

/** One report an entry right: what several gates know of it grows together. */
async function growReport(
  tx: Tx,
  kind: DatabaseKind,
  theatreNo: TheatreNo,
  report: DoubleReport,
): Promise<void> {
  const { ticketId, n } = report.right;
  await tx
    .insertInto('double_report')
    .values({ theatre_no: theatreNo, ticket_id: ticketId, n, admissions: '[]', size: 0 })
    .onConflict((on) => on.columns(['theatre_no', 'ticket_id', 'n']).doNothing())
    .execute();
  const stored = await tx
    .selectFrom('double_report')
    .select('admissions')
    .where('theatre_no', '=', theatreNo)
    .where('ticket_id', '=', ticketId)
    .where('n', '=', n)
    .modifyEnd(forUpdate(kind))
    .executeTakeFirstOrThrow();
  const known = JSON.parse(stored.admissions) as DoubleReport['admissions'];
  const union = admissionUnion(known, report.admissions);
  await tx
    .updateTable('double_report')
    .set({ admissions: JSON.stringify(union), size: union.length })
    .where('theatre_no', '=', theatreNo)
    .where('ticket_id', '=', ticketId)
    .where('n', '=', n)
    .execute();
}
