import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { problemSchema, signageViewSchema } from '@foyer/contracts';
import { judgePlaySeal } from '@foyer/platform/node';
import { startAedes, waitFor, type TestBroker } from '@foyer/platform/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { houseRows, signageRows, theatreNo } from '../testing/house.ts';
import { endedPlay, reportOf, startOf } from '../testing/screens.ts';
import { TestCloud } from '../testing/test-cloud.ts';
import { TestTheatre } from '../testing/test-theatre.ts';

const nodes = ['theatre', 'gate-1', 'screen-1'];

let broker: TestBroker;
let cloud: TestCloud;
let theatre: TestTheatre;

beforeAll(async () => {
  broker = await startAedes();
  cloud = new TestCloud(broker.url);
  cloud.put(houseRows(nodes, Date.now()));
  cloud.put(signageRows(['screen-1']));
  theatre = await TestTheatre.prepare(nodes, broker.url);
  await theatre.startAll();
  await theatre.meshed();
  await waitFor('the programme', async () => (await view('screen-1')).programme !== null, 20_000);
});

afterAll(async () => {
  await theatre.close();
  await cloud.close();
  await broker.stop();
});

async function view(node: string) {
  const response = await fetch(`${theatre.url(node)}/v1/signage`);
  return signageViewSchema.parse(await response.json());
}

const put = (path: string, body: unknown) =>
  fetch(theatre.url('screen-1') + path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** The names of the events that a node tells, as they come. */
async function follow(node: string): Promise<{ names: string[]; end: () => void }> {
  const names: string[] = [];
  const request = get(`${theatre.url(node)}/v1/events`);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    for (const match of text.matchAll(/^event: (\S+)$/gm)) names.push(match[1] ?? '');
  });
  request.on('error', () => {});
  return { names, end: () => request.destroy() };
}

test('plays of a box reach the cloud over real TLS, sealed by its certificate', async () => {
  const plays = Array.from({ length: 100 }, () => endedPlay(startOf(Date.now())));
  const response = await theatre.post('screen-1', '/v1/plays', { plays });
  expect(await response.json()).toEqual({ kept: 100, known: 0, refused: 0 });
  await waitFor('the seal in the cloud', () => cloud.of('play-seal').length === 1, 20_000);
  expect(cloud.of('play')).toHaveLength(100);
  const [seal] = cloud.of('play-seal');
  if (seal === undefined) throw new Error('There is no seal.');
  const authorities = [new X509Certificate(theatre.pem('theatre-ca.crt'))];
  const expected = { theatreNo, authorities };
  expect(judgePlaySeal({ node: 'screen-1', ...seal }, seal, expected)).toBeNull();
  expect(judgePlaySeal({ node: 'screen-1', ...seal, seq: 7 }, seal, expected)).toBe(
    'signature-wrong',
  );
});

test('a screenshot and 200 plays fit into a body, and no more', async () => {
  const commandId = crypto.randomUUID();
  const wanted = { commandId, screenId: 'lobby-1', kind: 'screenshot' };
  expect((await theatre.post('gate-1', '/v1/commands', wanted)).status).toBe(200);
  const result = { commandId, screenId: 'lobby-1', ok: true, detail: '', atMs: Date.now() };
  const path = `/v1/commands/${commandId}/result`;
  const answer = (picture: string | null) => theatre.post('screen-1', path, { ...result, picture });
  await waitFor('the command', async () => (await answer('A'.repeat(400_000))).status === 200);
  await waitFor('the picture', async () => {
    const text = await (await fetch(`${theatre.url('gate-1')}/v1/commands/${commandId}`)).text();
    return text.includes('A'.repeat(400_000));
  });
  expect((await answer('A'.repeat(420_000))).status).toBe(413);
  const plays = Array.from({ length: 200 }, () => endedPlay(startOf(Date.now())));
  expect((await theatre.post('screen-1', '/v1/plays', { plays })).status).toBe(200);
  const other = await theatre.post('screen-1', `/v1/commands/${crypto.randomUUID()}/result`, {
    ...result,
    picture: null,
  });
  expect(problemSchema.parse(await other.json())).toMatchObject({ code: 'bad-request' });
});

test('a reader of a box hears the view, the programme and an emergency of a gate', async () => {
  const { names, end } = await follow('screen-1');
  try {
    await waitFor('the programme', () => names.includes('signage') && names.includes('live'));
    names.length = 0;
    const raised = { active: true, kind: 'shelter', text: '', screens: [], by: 'test' };
    const emergencyId = crypto.randomUUID();
    const body = { ...raised, emergencyId };
    expect((await theatre.post('gate-1', '/v1/emergency', body)).status).toBe(200);
    await waitFor('the view', async () => {
      return names.includes('live') && (await view('screen-1')).live.emergencies.length === 1;
    });
    const report = { ...reportOf('lobby-1', Date.now()), emergencyId, mode: 'emergency' };
    expect((await put('/v1/screens/lobby-1/report', report)).status).toBe(200);
    await waitFor('the word of the screen', async () => {
      const text = await (await fetch(`${theatre.url('gate-1')}/v1/emergency`)).text();
      return text.includes('"shownBy":[{"screenId":"lobby-1"');
    });
    await waitFor('the events', () => cloud.of('emergency-shown').length === 1, 20_000);
    expect(cloud.of('emergency')).toMatchObject([{ gate: 'gate-1', emergency: 'shelter' }]);
    const unknown = await theatre.post('gate-1', '/v1/delays', { showNo: 99, delayMin: 1 });
    expect(unknown.status).toBe(404);
  } finally {
    end();
  }
});
