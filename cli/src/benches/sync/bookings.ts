import { setTimeout as pause } from 'node:timers/promises';

import { bookingOperations, catalogueOperations, localOperations } from '@foyer/contracts';
import { theatreNo } from '@foyer/simulators';

import type { SyncTheatre } from './theatre.ts';

const showNo = 900_000;
const seatsPerRow = 25;
const pollMs = 10;
const longestMs = 30_000;
/** Between two bookings, so that each finds the theatre at rest or not, as it comes. */
const pauseMs = 40;

async function call(
  url: URL,
  method: string,
  body: object,
  apiKey?: string,
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url.pathname}: ${response.status} ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

async function openShow(theatre: SyncTheatre): Promise<void> {
  const path = catalogueOperations.putShow.path
    .replace(':theatreNo', String(theatreNo))
    .replace(':showNo', String(showNo));
  const show = {
    showNo,
    filmId: 'film-1',
    auditorium: 'a1',
    startsAtMs: Date.now() + 7_200_000,
    priceMinor: 1250,
  };
  await call(theatre.url('cloud', path), 'PUT', show, theatre.apiKey);
}

/** Waits until the gate's replica holds `rows` tickets. @returns when that was seen. */
async function untilRows(theatre: SyncTheatre, gate: string, rows: number): Promise<number> {
  const untilMs = performance.now() + longestMs;
  while ((await theatre.rows(gate)) < rows) {
    if (performance.now() > untilMs) throw new Error(`${gate} does not get a booking.`);
    await pause(pollMs);
  }
  return performance.now();
}

/**
 * Books seat after seat through the booking API and waits for each at every gate.
 * @returns milliseconds, one for each booking: from the request that confirms it until the last
 * gate was seen to hold its ticket (looked for every 10 ms).
 */
export async function bookingTimes(theatre: SyncTheatre, bookings: number): Promise<number[]> {
  await openShow(theatre);
  let rows = await theatre.rows('theatre');
  const times: number[] = [];
  for (let n = 0; n < bookings; n += 1) {
    const row = String.fromCharCode(65 + Math.floor(n / seatsPerRow));
    const seats = [`${row}${(n % seatsPerRow) + 1}`];
    const held = await call(theatre.url('cloud', bookingOperations.hold.path), 'POST', {
      theatreNo,
      showNo,
      seats,
    });
    const path = bookingOperations.confirm.path.replace(':bookingId', String(held.bookingId));
    rows += 1;
    const wanted = rows;
    const startMs = performance.now();
    await call(theatre.url('cloud', path), 'POST', { paymentToken: 'tok_visa_approved' });
    const seen = await Promise.all(theatre.gates.map((gate) => untilRows(theatre, gate, wanted)));
    times.push(Math.max(...seen) - startMs);
    await pause(pauseMs);
  }
  return times;
}

/** The path that is asked over and over; for the bench's description. */
export const watched = localOperations.status.path;
