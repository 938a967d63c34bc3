import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { simLogger } from '@foyer/platform/sim';
import { afterEach, expect, test } from 'vitest';

import { httpPayment } from './http-payment.ts';

let end: (() => Promise<void>) | undefined;
afterEach(async () => {
  await end?.();
  end = undefined;
});

async function provider(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  end = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const chargeId = '00000000-0000-4000-8000-000000000001';
const request = { idempotencyKey: 'b-1', token: 'tok_ok_1', amountMinor: 1, currency: 'EUR' };

function charge(url: string, logger = simLogger(), timeoutMs = 5000) {
  return httpPayment({ url, logger, timeoutMs }).charge(request);
}

test('a captured and a declined charge are told apart', async () => {
  let state = 'captured';
  const url = await provider((_request, response) => {
    response.end(JSON.stringify({ chargeId, state }));
  });
  expect(await charge(url)).toEqual({ outcome: 'captured', chargeId });
  state = 'declined';
  expect(await charge(url)).toEqual({ outcome: 'declined' });
});

test('an error, nonsense and nobody there are all an unknown outcome', async () => {
  const answers: RequestListener[] = [
    (_request, response) => response.writeHead(500).end('{}'),
    (_request, response) => response.end('not JSON'),
    (_request, response) => response.end('{"state":"captured"}'),
  ];
  for (const answer of answers) {
    const url = await provider(answer);
    expect(await charge(url)).toEqual({ outcome: 'unknown' });
    await end?.();
    expect(await charge(url)).toEqual({ outcome: 'unknown' });
  }
});

test('silence ends after the time that is given', async () => {
  const url = await provider(() => {});
  expect(await charge(url, simLogger(), 50)).toEqual({ outcome: 'unknown' });
});

test('a token is never logged', async () => {
  const logger = simLogger();
  await charge(await provider((_request, response) => response.writeHead(500).end()), logger);
  expect(logger.records.length).toBeGreaterThan(0);
  expect(JSON.stringify(logger.records)).not.toContain('tok_ok');
});
