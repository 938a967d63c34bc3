import {
  bookingOperations,
  catalogueOperations,
  parseTicketCode,
  type Booking,
} from '@foyer/contracts';
import { ed25519Signer, verifyEd25519 } from '@foyer/platform/node';
import { describe, expect, test } from 'vitest';

import { qrVersionOf } from './adapters/tickets/image.ts';
import {
  buy,
  call,
  confirm,
  hold,
  refusal,
  request,
  signingSeed,
  theatreNo,
  type TestCloud,
} from './testing/cloud.ts';
import { databaseKinds } from './testing/databases.ts';
import { endSharedDatabases, useCloud } from './testing/suite.ts';

const { booking: readOne, cancel, confirm: confirmOp, hold: holdOp } = bookingOperations;

endSharedDatabases();

function clientOf(suite: { readonly it: TestCloud }) {
  const hold1 = (seats: string[]) => ({ body: { theatreNo, showNo: 1, seats } });
  return {
    read: ({ bookingId }: Booking) => call(suite.it.cloud, readOne, { params: { bookingId } }),
    holdAgain: (seats: string[]) => refusal(suite.it.cloud, holdOp, hold1(seats)),
    confirmAgain: ({ bookingId }: Booking, paymentToken = 'tok_ok_1') =>
      refusal(suite.it.cloud, confirmOp, { params: { bookingId }, body: { paymentToken } }),
    cancelled: ({ bookingId }: Booking, body: object = {}) =>
      call(suite.it.cloud, cancel, { params: { bookingId }, body }),
    stateOf: async (seat: string): Promise<string | undefined> => {
      const params = { theatreNo, showNo: 1 };
      const { seats } = await call(suite.it.cloud, catalogueOperations.seats, { params });
      return seats.find((one) => one.seat === seat)?.state;
    },
  };
}

describe.each(databaseKinds)('tickets and holds on %s', (kind) => {
  const suite = useCloud(kind);
  const { read, holdAgain, confirmAgain, stateOf } = clientOf(suite);

  test('seats are held, paid and sold; each ticket has a code that the key verifies', async () => {
    const held = await hold(suite.it.cloud, ['A2', 'A1']);
    expect(held).toMatchObject({ state: 'PENDING', total: { amountMinor: 2500, currency: 'EUR' } });
    expect(held.tickets.map((ticket) => ticket.code)).toEqual([null, null]);
    expect(await stateOf('A1')).toBe('held');
    const sold = await confirm(suite.it.cloud, held);
    expect(sold.state).toBe('CONFIRMED');
    expect(await stateOf('A1')).toBe('sold');
    const { publicKey } = ed25519Signer(signingSeed);
    for (const ticket of sold.tickets) {
      const parsed = parseTicketCode(ticket.code ?? '');
      if (parsed.outcome !== 'code') throw new Error('not a code');
      expect(parsed.code).toMatchObject({ ticketId: ticket.ticketId, showNo: 1, kind: 'static' });
      expect(verifyEd25519(publicKey, parsed.code.core, parsed.code.signature)).toBe(true);
      expect(qrVersionOf(ticket.code ?? '')).toBe(5);
    }
  });

  test('a group has one code for all its seats; a rotating one changes with time', async () => {
    const group = await buy(suite.it.cloud, ['B1', 'B2', 'B3'], { group: true });
    expect(group.tickets).toHaveLength(1);
    expect(group.tickets[0]).toMatchObject({ entries: 3, seat: 'B1-3' });
    const rotating = await buy(suite.it.cloud, ['C1'], { rotating: true });
    const now = rotating.tickets[0]?.code ?? '';
    const parsed = parseTicketCode(now);
    expect(parsed).toMatchObject({ outcome: 'code', code: { kind: 'rotating' } });
    expect(qrVersionOf(now)).toBe(6);
    suite.it.clock.advance(15_000);
    expect((await read(rotating)).tickets[0]?.code).not.toBe(now);
  });

  test('a hold is all or nothing', async () => {
    await hold(suite.it.cloud, ['A1']);
    const refused = await holdAgain(['A1', 'A2']);
    expect(refused).toMatchObject({ status: 409, code: 'seat-taken', message: 'A1 is taken.' });
    expect(await stateOf('A2')).toBe('free');
  });

  test('a hold ends after 10 minutes without anybody saying so', async () => {
    const first = await hold(suite.it.cloud, ['A1']);
    suite.it.clock.advance(599_999);
    expect(await stateOf('A1')).toBe('held');
    suite.it.clock.advance(1);
    expect(await stateOf('A1')).toBe('free');
    expect((await read(first)).state).toBe('EXPIRED');
    expect(await confirmAgain(first)).toMatchObject({ status: 410, code: 'hold-expired' });
    expect(suite.it.payment.charges.size).toBe(0);
    const second = await buy(suite.it.cloud, ['A1']);
    expect(second.state).toBe('CONFIRMED');
  });

  test('the same Idempotency-Key holds once, and is refused for another request', async () => {
    const headers = { 'idempotency-key': 'k-1' };
    const body = { theatreNo, showNo: 1, seats: ['A1'] };
    const [one, two] = await Promise.all([
      call(suite.it.cloud, holdOp, { body, headers }),
      call(suite.it.cloud, holdOp, { body, headers }),
    ]);
    expect(two.bookingId).toBe(one.bookingId);
    const other = { ...body, seats: ['A2'] };
    expect(await refusal(suite.it.cloud, holdOp, { body: other, headers })).toMatchObject({
      status: 400,
    });
  });
});

describe.each(databaseKinds)('payments on %s', (kind) => {
  const suite = useCloud(kind);
  const { read, confirmAgain, stateOf } = clientOf(suite);

  test('a declined payment leaves the hold, and another token confirms it', async () => {
    const held = await hold(suite.it.cloud, ['A1']);
    const refused = await confirmAgain(held, 'tok_declined_1');
    expect(refused).toMatchObject({ status: 402, code: 'payment-declined' });
    expect((await read(held)).state).toBe('PENDING');
    expect((await confirm(suite.it.cloud, held)).state).toBe('CONFIRMED');
  });

  test('confirming twice at once charges once', async () => {
    const held = await hold(suite.it.cloud, ['A1']);
    const both = await Promise.all([confirm(suite.it.cloud, held), confirm(suite.it.cloud, held)]);
    expect(both.map((one) => one.state)).toEqual(['CONFIRMED', 'CONFIRMED']);
    expect((await confirm(suite.it.cloud, held)).state).toBe('CONFIRMED');
    expect(suite.it.payment.charges.size).toBe(1);
    expect((await read(held)).history.filter((line) => line.what === 'confirmed')).toHaveLength(1);
  });

  test('an answer that was lost is confirmed by a retry, charged once', async () => {
    const held = await hold(suite.it.cloud, ['A1']);
    const refused = await confirmAgain(held, 'tok_lost_1');
    expect(refused).toMatchObject({ status: 503, code: 'payment-unreachable' });
    expect((await confirm(suite.it.cloud, held, 'tok_lost_1')).state).toBe('CONFIRMED');
    expect(suite.it.payment.charges.size).toBe(1);
  });

  test('a charge nobody heard of is paid back once its hold is over', async () => {
    const held = await hold(suite.it.cloud, ['A1']);
    await confirmAgain(held, 'tok_lost_1');
    await suite.it.cloud.sweep();
    expect(suite.it.payment.refunds.size).toBe(0);
    suite.it.clock.advance(700_000);
    await suite.it.cloud.sweep();
    expect(suite.it.payment.refunds.size).toBe(1);
    expect((await read(held)).history.map((line) => line.what)).toContain('refunded');
    expect(await stateOf('A1')).toBe('free');
  });
});

describe.each(databaseKinds)('payments that take long on %s', (kind) => {
  const suite = useCloud(kind);
  const { read, confirmAgain, cancelled, stateOf } = clientOf(suite);

  test('a hold that ran out during payment is sold where its seats are free', async () => {
    const held = await hold(suite.it.cloud, ['A1']);
    suite.it.payment.meanwhile = () => Promise.resolve(suite.it.clock.advance(600_001));
    expect((await confirm(suite.it.cloud, held)).state).toBe('CONFIRMED');
  });

  test('a hold that ran out during payment is paid back where its seats are gone', async () => {
    const held = await hold(suite.it.cloud, ['A1', 'A2']);
    suite.it.payment.meanwhile = async () => {
      suite.it.payment.meanwhile = () => Promise.resolve();
      suite.it.clock.advance(600_001);
      await buy(suite.it.cloud, ['A2']);
    };
    expect(await confirmAgain(held)).toMatchObject({ status: 410, code: 'hold-expired' });
    expect(suite.it.payment.refunds).toEqual(
      new Set([suite.it.payment.charges.get(held.bookingId)]),
    );
    expect((await read(held)).state).toBe('EXPIRED');
    expect([await stateOf('A1'), await stateOf('A2')]).toEqual(['free', 'sold']);
  });

  test('a cancellation during payment wins, and the charge is paid back', async () => {
    const held = await hold(suite.it.cloud, ['A1']);
    suite.it.payment.meanwhile = async () => {
      await cancelled(held);
    };
    expect(await confirmAgain(held)).toMatchObject({ status: 409, code: 'wrong-state' });
    expect(suite.it.payment.refunds.size).toBe(1);
    expect((await read(held)).state).toBe('CANCELLED');
  });
});

describe.each(databaseKinds)('cancellations and e-tickets on %s', (kind) => {
  const suite = useCloud(kind);
  const { read, holdAgain, confirmAgain, cancelled, stateOf } = clientOf(suite);

  test('a cancelled booking is refunded once and its seats are free', async () => {
    const sold = await buy(suite.it.cloud, ['A1']);
    const after = await cancelled(sold);
    expect(after.state).toBe('CANCELLED');
    expect(after.tickets[0]).toMatchObject({ status: 'refunded', code: null });
    expect((await cancelled(sold)).history).toEqual(after.history);
    expect(suite.it.payment.refunds.size).toBe(1);
    expect(await stateOf('A1')).toBe('free');
  });

  test('a refund that the provider does not answer stays due until it does', async () => {
    const sold = await buy(suite.it.cloud, ['A1']);
    suite.it.payment.refundsAnswer = false;
    expect((await cancelled(sold)).state).toBe('CANCELLED');
    suite.it.payment.refundsAnswer = true;
    await suite.it.cloud.sweep();
    expect(suite.it.payment.refunds.size).toBe(1);
    expect((await read(sold)).history.at(-1)?.what).toBe('refunded');
  });

  test('e-tickets come as PNG and as a page that carries nobody elses markup', async () => {
    const sold = await buy(suite.it.cloud, ['A1']);
    const { bookingId } = sold;
    const ticketId = sold.tickets[0]?.ticketId ?? '';
    const image = await request(suite.it.cloud, bookingOperations.ticketImage, {
      params: { bookingId, ticketId },
    });
    expect(image.headers.get('content-type')).toBe('image/png');
    const bytes = new Uint8Array(await image.arrayBuffer());
    expect([...bytes.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    const page = await request(suite.it.cloud, bookingOperations.ticketsPage, {
      params: { bookingId },
    });
    const text = await page.text();
    expect(text).toContain('Lumen &lt;Harbour&gt;');
    expect(text).toContain('Salt &amp; Light');
    expect(text).toContain('aria-label="QR code of ticket 1, A1"');
    const pending = await hold(suite.it.cloud, ['A2']);
    const refused = await refusal(suite.it.cloud, bookingOperations.ticketsPage, {
      params: { bookingId: pending.bookingId },
    });
    expect(refused).toMatchObject({ status: 409, code: 'wrong-state' });
  });

  test('a cancelled show sells nothing more', async () => {
    const held = await hold(suite.it.cloud, ['A1']);
    const params = { theatreNo, showNo: 1 };
    const body = { status: 'cancelled' };
    await call(suite.it.cloud, catalogueOperations.changeShow, { params, body });
    expect(await confirmAgain(held)).toMatchObject({ code: 'wrong-state' });
    expect(await holdAgain(['A3'])).toMatchObject({ code: 'wrong-state' });
  });
});

describe.each(databaseKinds)('requests that are refused on %s', (kind) => {
  const suite = useCloud(kind);
  const { holdAgain } = clientOf(suite);

  test('bad requests are told what is wrong', async () => {
    expect(await holdAgain(['Z99'])).toMatchObject({ status: 404, message: /no seat Z99/ });
    expect(await holdAgain(['A1', 'A1'])).toMatchObject({ status: 400 });
    expect(await holdAgain(['<script>'])).toMatchObject({ status: 400, code: 'bad-request' });
    const large = { theatreNo, showNo: 1, seats: ['A1'], ticketClass: 'x'.repeat(70_000) };
    expect(await refusal(suite.it.cloud, holdOp, { body: large })).toMatchObject({
      status: 413,
      code: 'body-too-large',
    });
    const params = { bookingId: '00000000-0000-4000-8000-000000000000' };
    expect(await refusal(suite.it.cloud, readOne, { params })).toMatchObject({ status: 404 });
  });

  test('catalogue writes need the key; a sold auditorium keeps its seats', async () => {
    const params = { theatreNo, auditorium: 'a1' };
    const seatMap = { rows: [{ row: 'A', seats: 5 }] };
    const body = { auditorium: 'a1', name: 'Screen 1', directions: '', seatMap };
    const { putAuditorium } = catalogueOperations;
    for (const authorization of ['', 'Bearer wrong']) {
      const headers = { authorization };
      expect(await refusal(suite.it.cloud, putAuditorium, { params, body, headers })).toMatchObject(
        {
          status: 401,
          code: 'unauthorised',
        },
      );
    }
    await buy(suite.it.cloud, ['A1']);
    expect(await refusal(suite.it.cloud, putAuditorium, { params, body })).toMatchObject({
      status: 409,
    });
  });
});
