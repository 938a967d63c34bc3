import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { SimClock } from '../sim/clock.ts';
import { TokenExchange, tokenExchangeOf } from './token-exchange.ts';

const startMs = Date.UTC(2026, 10, 20, 18);
const expiresMs = startMs + 3_600_000;
const secret = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';

let asked: string[] = [];
let answer: { status: number; body: string };
let url = '';
let close: () => Promise<void>;

beforeEach(async () => {
  asked = [];
  answer = {
    status: 200,
    body: JSON.stringify({
      AccessKeyId: 'AKIDEXAMPLE',
      SecretAccessKey: secret,
      Token: 'session',
      Expiration: new Date(expiresMs).toISOString(),
    }),
  };
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization ?? 'none');
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/2016-11-01/credentialprovider/`;
  close = () => new Promise((resolve) => server.close(() => resolve()));
});
afterEach(() => close());

test('credentials are asked for with the token, and kept until they are about to end', async () => {
  const clock = new SimClock(startMs);
  const exchange = new TokenExchange({ url, token: 'svcuid' }, clock);
  const wanted = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: secret,
    sessionToken: 'session',
  };
  expect(await exchange.credentials()).toEqual(wanted);
  expect(await exchange.credentials()).toEqual(wanted);
  expect(asked).toEqual(['svcuid']);
  clock.advance(3_600_000 - 299_000);
  await exchange.credentials();
  expect(asked).toHaveLength(2);
});

test.each([
  ['a refusal', { status: 403, body: 'Invalid token' }],
  ['no JSON', { status: 200, body: secret }],
  ['another form', { status: 200, body: JSON.stringify({ SecretAccessKey: secret }) }],
])('%s is an error that tells no secret', async (_name, given) => {
  answer = given;
  const exchange = new TokenExchange({ url, token: 'svcuid' }, new SimClock(startMs));
  const error = await exchange.credentials().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'link-down' });
  expect(String(error)).not.toContain(secret);
  expect(String(error)).not.toContain('svcuid');
});

test('a service that never answers ends in a timeout', async () => {
  const clock = new SimClock(startMs);
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const exchange = new TokenExchange({ url: `http://127.0.0.1:${port}/`, token: 't' }, clock);
  const attempt = exchange.credentials().catch((caught: unknown) => caught);
  clock.advance(10_001);
  expect(await attempt).toMatchObject({ code: 'timeout' });
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

test('the address comes from the nucleus, and is this machine', () => {
  const env = (full: string): Record<string, string> => ({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: full,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 't',
  });
  expect(tokenExchangeOf(env(url))).toEqual({ url, token: 't' });
  expect(tokenExchangeOf(env('http://credentials.example.com/'))).toBeNull();
  expect(tokenExchangeOf({})).toBeNull();
});
