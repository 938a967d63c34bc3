import { parseTicketCode } from '@foyer/contracts';
import { ed25519Signer, verifyEd25519 } from '@foyer/platform/node';
import { expect, test } from 'vitest';

import { FreshTickets } from './tickets.ts';

const signingKey = Buffer.alloc(32, 7).toString('base64url');
const bookings = Array.from({ length: 5 }, (_, index) => ({
  bookingId: `b${index}`,
  showNo: index + 1,
  ticketIds: [`000700000000000${index}`, `000700000000010${index}`],
}));

test('hands out each ticket once, signed by the key that sold it', () => {
  const tickets = new FreshTickets(bookings, signingKey, 3);
  const texts = [...tickets.take(4), ...tickets.take(100)];
  expect(tickets.left).toBe(0);
  const { publicKey } = ed25519Signer(signingKey);
  const ids = texts.map((text) => {
    const parsed = parseTicketCode(text);
    if (parsed.outcome !== 'code') throw new Error(`${text} is no code.`);
    const { core, signature, ticketId, showNo } = parsed.code;
    expect(verifyEd25519(publicKey, core, signature)).toBe(true);
    expect(bookings[showNo - 1]?.ticketIds).toContain(ticketId);
    return ticketId;
  });
  expect(ids.toSorted()).toEqual(bookings.flatMap(({ ticketIds }) => ticketIds).toSorted());
});

test('the seed decides the order', () => {
  const order = (seed: number) => new FreshTickets(bookings, signingKey, seed).take(10);
  expect(order(3)).toEqual(order(3));
  expect(order(3)).not.toEqual(order(4));
});
