import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { problemSchema } from '@foyer/contracts';
import { waitFor } from '@foyer/platform/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestTheatre } from './testing/test-theatre.ts';

let theatre: TestTheatre;

beforeAll(async () => {
  theatre = await TestTheatre.prepare(['gate-1'], null);
  await theatre.start('gate-1');
});

afterAll(() => theatre.close());

async function problemOf(response: Response) {
  return { status: response.status, ...problemSchema.parse(await response.json()) };
}

/** A code that is ours by its prefix only. */
const forged = () => `F1:${'0'.repeat(117)}`;

test('a body that is too large is refused with what to do', async () => {
  const text = 'x'.repeat(40_000);
  const response = await theatre.post('gate-1', '/v1/scans', { scanId: randomUUID(), text });
  expect(await problemOf(response)).toMatchObject({ status: 413, code: 'body-too-large' });
});

test('bad JSON, a wrong field and an unknown path are told apart', async () => {
  expect(await problemOf(await theatre.post('gate-1', '/v1/scans', '{'))).toMatchObject({
    status: 400,
    code: 'bad-request',
  });
  const wrong = await problemOf(await theatre.post('gate-1', '/v1/scans', { scanId: 1, text: '' }));
  expect(wrong.message).toContain('scanId');
  expect(await problemOf(await fetch(`${theatre.url('gate-1')}/v2/scans`))).toMatchObject({
    status: 404,
    code: 'not-found',
  });
});

test('text without our prefix is ignored, a forged code is red, and both are counted', async () => {
  expect((await theatre.scan('gate-1', 'https://example.org')).colour).toBe('ignored');
  expect((await theatre.scan('gate-1', forged())).reason).toBe('forged');
  expect(await theatre.metric('gate-1', 'foyer_verdicts_total{colour="red"')).toBeGreaterThan(0);
});

test('the same scan gets the same verdict again', async () => {
  const scanId = randomUUID();
  const first = await theatre.scan('gate-1', forged(), scanId);
  expect(await theatre.scan('gate-1', forged(), scanId)).toEqual(first);
});

test('a passage of a scan that admitted nobody is not found', async () => {
  const body = { scanId: randomUUID(), outcome: 'turned' };
  expect(await problemOf(await theatre.post('gate-1', '/v1/passages', body))).toMatchObject({
    status: 404,
  });
});

/** A request as a browser on this box would make it for a page; answers the status. */
function browse(headers: Record<string, string>, path = '/v1/scans'): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(theatre.url('gate-1'));
    const type = { 'content-type': 'application/json' };
    const method = path === '/v1/scans' ? 'POST' : 'GET';
    const options = { hostname, port, path, method, headers: { ...type, ...headers } };
    const sent = request(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? JSON.stringify({ scanId: randomUUID(), text: forged() }) : '');
  });
}

test('a page of elsewhere reaches nothing, under another name or across origins', async () => {
  expect(await browse({})).toBe(200);
  expect(await browse({ host: 'rebound.example.org' })).toBe(403);
  expect(await browse({ origin: 'https://example.org' })).toBe(403);
  expect(await browse({ host: 'rebound.example.org' }, '/v1/status')).toBe(403);
  const start = 'foyer_refused_requests_total';
  expect(await theatre.metric('gate-1', `${start}{reason="foreign-host"}`)).toBe(2);
  expect(await theatre.metric('gate-1', `${start}{reason="foreign-origin"}`)).toBe(1);
});

test('it is healthy while it can commit', async () => {
  const response = await fetch(`${theatre.url('gate-1')}/healthz`);
  expect(await response.json()).toEqual({ ok: true });
});

test('a node without any data has empty shows and still answers scans', async () => {
  const response = await fetch(`${theatre.url('gate-1')}/v1/shows`);
  expect(await response.json()).toEqual({ shows: [] });
});

/** Reads the stream until it is told to stop; answers the ids and events seen. */
async function follow(lastId: string | null, enough: (seen: string[]) => boolean) {
  const abort = new AbortController();
  const headers: Record<string, string> = lastId === null ? {} : { 'last-event-id': lastId };
  const url = `${theatre.url('gate-1')}/v1/events`;
  const response = await fetch(url, { headers, signal: abort.signal });
  let text = '';
  const verdicts = () => [...text.matchAll(/id: (\d+)\nevent: verdict/g)].map((hit) => hit[1]!);
  const reading = (async () => {
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) text += part;
  })().catch(() => {});
  try {
    await waitFor('the events', () => enough(verdicts()));
    return verdicts();
  } finally {
    abort.abort();
    await reading;
  }
}

test('a reader that comes back with its last id sees each event exactly once', async () => {
  const [first] = await Promise.all([
    follow(null, (seen) => seen.length >= 1),
    waitFor('a reader', async () => {
      await theatre.scan('gate-1', forged());
      return true;
    }),
  ]);
  const last = first.at(-1)!;
  await theatre.scan('gate-1', forged());
  await theatre.scan('gate-1', forged());
  const missed = await follow(last, (seen) => seen.length >= 2);
  expect(missed.map((id) => Number(id) - Number(last))).toEqual([1, 2]);
});
