import { fixture, wordsOf } from '../examples.ts';
import {
  apiKey,
  auditoriumInput,
  filmInput,
  nodesInput,
  openCloud,
  showInput,
  theatreInput,
} from '../rigs/cloud.ts';
import { showNo, theatreNo } from '../rigs/house.ts';
import { assertAnswer, exchange, type RawAnswer } from '../rigs/http-client.ts';
import { httpShape, requestOf } from '../shapes/http.ts';
import { packList, unpackList, listShape } from '../shapes/list.ts';
import type { FuzzTarget, Rig } from '../target.ts';

const authorised = { authorization: `Bearer ${apiKey}` };
const root = `/v1/theatres/${theatreNo}`;
/** Stands in a request for the booking that an earlier one of the same input made. */
const bookingMark = '00000000-0000-4000-8000-0000000000bb';

const ticketMark = '00000000000000bb';

const put = (path: string, body: unknown): Uint8Array => requestOf('PUT', path, body, authorised);
const get = (path: string): Uint8Array => requestOf('GET', path);
const hold = (seats: readonly string[], more: object = {}): Uint8Array =>
  requestOf('POST', '/v1/bookings', { theatreNo, showNo, seats, ...more });
const act = (what: string, body: unknown): Uint8Array =>
  requestOf('POST', `/v1/bookings/${bookingMark}/${what}`, body);

const firstIn = (answer: RawAnswer | null, pattern: RegExp): string | null =>
  pattern.exec(answer?.body ?? '')?.[1] ?? null;

async function open(): Promise<Rig> {
  const { cloud, assertNoDefect, close } = await openCloud(null);
  return {
    async run(input) {
      let booking = bookingMark;
      let ticket = ticketMark;
      for (const part of unpackList(input)) {
        const text = Buffer.from(part).toString('latin1');
        const named = text.replaceAll(bookingMark, booking).replaceAll(ticketMark, ticket);
        const answer = await exchange(cloud.port, Buffer.from(named, 'latin1'));
        assertAnswer(answer);
        assertNoDefect();
        booking = firstIn(answer, /"bookingId":"([0-9a-f-]{36})"/) ?? booking;
        ticket = firstIn(answer, /"ticketId":"([0-9a-f]{16})"/) ?? ticket;
      }
    },
    close,
  };
}

const bodies = fixture('bodies');
const inputs = ['HoldRequest', 'TheatreInput', 'AuditoriumInput', 'ShowPatch', 'NodesInput'];

export const bookingApiTarget: FuzzTarget = {
  name: 'booking-api',
  takes: 'raw HTTP at the booking API: catalogue, holds, payments, tickets, reports',
  shape: listShape(httpShape, 8),
  words: [
    ...['v1', 'theatres', 'auditoriums', 'films', 'shows', 'nodes', 'bookings', 'seats', 'summary'],
    ...['admissions', 'doubles', 'confirm', 'cancel', 'tickets.html', bookingMark, ticketMark],
    ...wordsOf(inputs.flatMap((name) => bodies.get(name) ?? [])),
  ],
  seeds: () => {
    const own = `/v1/bookings/${bookingMark}`;
    const buy = [hold(['A1', 'A2'], { group: true }), act('confirm', { paymentToken: 'tok_ok' })];
    return [
      packList([put(root, theatreInput), get('/v1/theatres')]),
      packList([put(`${root}/auditoriums/a1`, auditoriumInput)]),
      packList([put(`${root}/films/f1`, filmInput)]),
      packList([put(`${root}/nodes`, nodesInput)]),
      packList([put(`${root}/shows/13`, showInput(13)), get(`${root}/shows/13/seats`)]),
      packList([requestOf('POST', `${root}/shows/${showNo}/changes`, { delayMin: 5 }, authorised)]),
      packList([...buy, get(`${own}/tickets.html`), get(`${own}/tickets/${ticketMark}.png`)]),
      packList([...buy, act('cancel', { refund: true }), get(own)]),
      packList([hold(['B1'], { rotating: true }), act('confirm', { paymentToken: 'tok_dark' })]),
      packList([hold(['B2']), act('confirm', { paymentToken: 'tok_declined' })]),
      packList([hold(['C1']), act('cancel', { refund: false })]),
      packList([get(`${root}/summary`), get(`${root}/admissions?limit=5`)]),
      packList([get(`${root}/doubles`), get('/metrics'), get('/healthz'), get(`${root}/shows`)]),
    ];
  },
  open,
  inputsPerRig: 100,
};
