import { afterEach, expect, test } from 'vitest';
import type { HttpServer } from '@foyer/platform/http';
import { paymentConfigSchema, startPaymentProvider } from './provider.ts';

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close(0);
  server = undefined;
});

async function post(path: string, body: object): Promise<{ status: number; body: unknown }> {
  server ??= await startPaymentProvider(paymentConfigSchema.parse({}));
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const charge = (idempotencyKey: string, token: string) =>
  post('/v1/charges', { idempotencyKey, token, amountMinor: 1200, currency: 'EUR' });

test('the same key charges once; another key charges again', async () => {
  const first = await charge('booking-1', 'tok_visa_1');
  expect(first.body).toMatchObject({ state: 'captured' });
  expect((await charge('booking-1', 'tok_visa_1')).body).toEqual(first.body);
  expect((await charge('booking-2', 'tok_visa_1')).body).not.toEqual(first.body);
});

test('a declined token is not charged and cannot be refunded', async () => {
  const { body } = await charge('booking-3', 'tok_declined_1');
  expect(body).toMatchObject({ state: 'declined' });
  const { chargeId } = body as { chargeId: string };
  const refund = await post('/v1/refunds', { idempotencyKey: 'refund-3', chargeId });
  expect(refund.status).toBe(404);
});

test('after a decline the same key may be tried with another token', async () => {
  await charge('booking-4', 'tok_declined_1');
  const { body } = await charge('booking-4', 'tok_visa_1');
  expect(body).toMatchObject({ state: 'captured' });
  const { chargeId } = body as { chargeId: string };
  expect((await post('/v1/refunds', { idempotencyKey: 'refund-4', chargeId })).status).toBe(200);
});
