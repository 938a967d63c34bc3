import { importFrom, seedBookings, type Cloud } from '@foyer/cloud-sync';
import { columnsOf, entriesOf, feedTables } from '@foyer/contracts';

import { codeOf, type SimTicket } from './fixture.ts';
import { theatreNo } from './node.ts';
import type { Run } from './run-state.ts';
import type { PlannedSale } from './scenario.ts';

const rows = 'ABCDEFGH';
/** Seats from this number on are not sold in the afternoon. */
const firstFreeSeat = 7;

async function sell(worker: Cloud, which: number): Promise<SimTicket | null> {
  const showNo = 1 + (which % 2);
  const seat = `${rows[which % rows.length]}${firstFreeSeat + Math.floor(which / rows.length)}`;
  const booking = { showNo, seats: [seat], priceMinor: 1200, currency: 'EUR' };
  const [sold] = await seedBookings(worker.context, theatreNo, [booking]);
  const ticketId = sold?.ticketIds[0];
  if (sold === undefined || ticketId === undefined) return null;
  return {
    ticketId,
    bookingId: sold.bookingId,
    showNo,
    entries: entriesOf(ticketId),
    ticketClass: 'adult',
    code: codeOf(ticketId, showNo),
  };
}

async function change(worker: Cloud, sale: PlannedSale, ticket: SimTicket): Promise<void> {
  if (sale.kind === 'delay') {
    const patch = { delayMin: sale.which % 30 };
    await worker.catalogue.changeShow(theatreNo, 1 + (sale.which % 2), patch);
  } else await worker.bookings.cancel(ticket.bookingId, sale.kind === 'refund');
}

/** The booking system of the operator moves a ticket to the other show; its code stays. */
async function move(run: Run, worker: Cloud, ticket: SimTicket): Promise<SimTicket> {
  const { context } = worker;
  await noteChange(run, worker, ticket);
  const stored = await context.store.db
    .selectFrom('feed_row')
    .select('enc')
    .where('feed', '=', 'tickets')
    .where('key', '=', ticket.ticketId)
    .executeTakeFirst();
  const values: unknown = JSON.parse(stored?.enc ?? '[]');
  const fields = columnsOf('ticket').map((column, at): [string, unknown] => [
    column,
    Array.isArray(values) ? values[at] : undefined,
  ]);
  const moved = { ...ticket, showNo: 3 - ticket.showNo };
  const row = feedTables.ticket.schema.parse({
    ...Object.fromEntries(fields),
    showNo: moved.showNo,
  });
  const changes = [{ theatreNo, table: 'ticket', row } as const];
  const name = `moves ${run.world.runMs}`;
  await importFrom(context, {
    name,
    changes: () => Promise.resolve({ changes, position: name, more: false }),
  });
  return moved;
}

/** Where the tickets feed has a ticket now: what gates can know of it. */
async function noteChange(run: Run, worker: Cloud, ticket: SimTicket): Promise<void> {
  const { db } = worker.context.store;
  const feed = await db
    .selectFrom('feed')
    .select('epoch')
    .where('feed', '=', 'tickets')
    .executeTakeFirst();
  const row = await db
    .selectFrom('feed_row')
    .select('seq')
    .where('feed', '=', 'tickets')
    .where('key', '=', ticket.ticketId)
    .executeTakeFirst();
  const status = await db
    .selectFrom('ticket')
    .select('status')
    .where('ticket_id', '=', ticket.ticketId)
    .executeTakeFirst();
  if (feed === undefined || row === undefined || status === undefined) return;
  run.watch.ticketChanges.push({
    runMs: run.world.runMs,
    epoch: feed.epoch,
    seq: row.seq,
    ticketId: ticket.ticketId,
    status: status.status,
    showNo: ticket.showNo,
  });
}

/**
 * One sale, refund, cancellation or delay at the box office; nothing where the cloud is down or
 * refuses it, as for a guest who is inside already.
 */
export async function sellAsPlanned(
  run: Run,
  tickets: (SimTicket | undefined)[],
  sale: PlannedSale,
  ticketsSold: number,
): Promise<void> {
  const { worker } = run.world.cloud;
  if (worker === null) return;
  try {
    if (sale.kind === 'sell') {
      const ticket = await sell(worker, sale.which);
      if (ticket === null) return;
      tickets[ticketsSold + sale.which] = ticket;
      run.say(`sold ${ticket.ticketId}`);
      return;
    }
    if (sale.kind === 'spare-screen') {
      run.toggleSpareScreen();
      return;
    }
    const ticket = tickets[sale.which];
    if (ticket === undefined) return;
    if (sale.kind === 'move') {
      const moved = await move(run, worker, ticket);
      tickets[sale.which] = moved;
      run.say(`moved ${ticket.ticketId} to show ${moved.showNo}`);
      await noteChange(run, worker, moved);
      return;
    }
    await change(worker, sale, ticket);
    run.say(`${sale.kind} ${ticket.ticketId}`);
    if (sale.kind !== 'delay') await noteBooking(run, worker, tickets, ticket);
  } catch (error) {
    run.say(`the box office was refused: ${String(error)}`);
  }
}

/** Everybody of a booking gets their money back. */
async function noteBooking(
  run: Run,
  worker: Cloud,
  tickets: readonly (SimTicket | undefined)[],
  ticket: SimTicket,
): Promise<void> {
  for (const other of tickets) {
    if (other?.bookingId === ticket.bookingId) await noteChange(run, worker, other);
  }
}
