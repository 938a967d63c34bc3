import { connect } from 'node:net';

import { contentOperations, signageOperations, type Operation } from '@foyer/contracts';
import { waitFor } from '@foyer/platform/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { campaignRow, testFile } from '../testing/house.ts';
import { managerConfigSchema } from './config.ts';
import { utcOfLocal } from './house.ts';
import { managerOperations, passages, type ScheduleAnswer } from './operations.ts';
import { apiKey, picture, startStand, tokens, type Stand } from './testing/stand.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await startStand();
});
afterEach(() => stand.close());

type Role = keyof typeof tokens;
const roles: readonly Role[] = ['viewer', 'editor', 'operator'];

interface Ask {
  params?: Record<string, string | number>;
  query?: Record<string, string | number>;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Asks as the page does; `who` null has no token. */
function ask(who: Role | null, operation: Operation, more: Ask = {}): Promise<Response> {
  const path = operation.path.replace(/:(\w+)/g, (_, name: string) =>
    String(more.params?.[name] ?? 1),
  );
  const url = new URL(path, stand.manager.url);
  for (const [name, value] of Object.entries(more.query ?? {})) {
    url.searchParams.set(name, String(value));
  }
  const isBytes = more.body instanceof Uint8Array;
  return fetch(url, {
    method: operation.method.toUpperCase(),
    headers: {
      ...(who === null ? {} : { authorization: `Bearer ${tokens[who]}` }),
      ...(more.body === undefined || isBytes ? {} : { 'content-type': 'application/json' }),
      ...more.headers,
    },
    ...(more.body === undefined
      ? {}
      : { body: isBytes ? Buffer.from(more.body as Uint8Array) : JSON.stringify(more.body) }),
  });
}

const emergency = {
  emergencyId: '5f0f2bb4-5c38-4d26-a3a4-1c3d2e6a9b10',
  active: true,
  kind: 'evacuate',
  text: '',
  screens: [],
  by: 'somebody else',
};

describe('who may do what', () => {
  test('nothing but the page itself answers without a token that is known', async () => {
    const all = [...Object.values(passages).map((one) => one.operation)];
    for (const operation of [...all, ...Object.values(managerOperations)]) {
      for (const authorization of ['', 'Bearer guess', 'Basic x']) {
        const headers = { authorization };
        const response = await ask(null, operation, { headers });
        expect([operation.path, response.status]).toEqual([operation.path, 401]);
      }
    }
    expect((await fetch(stand.manager.url)).status).toBe(200);
  });

  test('a viewer changes nothing, an editor no screen, an operator everything', async () => {
    for (const [name, { operation, role }] of Object.entries(passages)) {
      for (const who of roles) {
        const { status } = await ask(who, operation);
        const may = roles.indexOf(who) >= roles.indexOf(role);
        expect([name, who, status === 403]).toEqual([name, who, !may]);
      }
    }
    expect(stand.agent.bodies('/v1/emergency')).toEqual([]);
  });

  test('the key of the cloud goes to the cloud and to no browser', async () => {
    const response = await ask('viewer', contentOperations.content);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(stand.cloud.keys).toEqual([`Bearer ${apiKey}`]);
    expect(text + JSON.stringify([...response.headers])).not.toContain(apiKey);
  });

  test('pages of elsewhere reach nothing, whatever token they know', async () => {
    const headers = { origin: 'http://evil.example' };
    const { status } = await ask('operator', signageOperations.raiseEmergency, {
      headers,
      body: emergency,
    });
    expect(status).toBe(403);
    const { port } = new URL(stand.manager.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('GET /v1/me HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n');
      });
      socket.once('data', (data) => resolve(data.toString()));
    });
    expect(answer).toMatch(/^HTTP\/1.1 403/);
  });

  test('it listens on this machine only, and speaks to a far cloud by TLS only', () => {
    const roleList = [{ name: 'x', role: 'viewer', tokenSha256: 'a'.repeat(64) }];
    const good = { agentUrl: 'http://127.0.0.1:1', cloudUrl: 'https://c.example', apiKey };
    const parse = (more: object) =>
      managerConfigSchema.safeParse({ ...good, roles: roleList, ...more }).success;
    expect(parse({})).toBe(true);
    expect(parse({ listen: { host: '0.0.0.0' } })).toBe(false);
    expect(parse({ cloudUrl: 'http://c.example' })).toBe(false);
    expect(parse({ roles: [...roleList, ...roleList] })).toBe(false);
  });
});

describe('what is changed', () => {
  test('an emergency carries the name of the token, and stands in the audit', async () => {
    const body = emergency;
    await ask('operator', signageOperations.raiseEmergency, { body });
    expect(stand.agent.bodies('/v1/emergency')).toEqual([{ ...emergency, by: 'the operator' }]);
    expect(stand.logger.of('change')).toMatchObject([
      { fields: { by: 'the operator', operation: 'raiseEmergency', outcome: 'done' } },
    ]);
    await ask('viewer', signageOperations.raiseEmergency, { body });
    expect(stand.logger.of('refused')).toMatchObject([
      { fields: { operation: 'raiseEmergency', outcome: 'identity-refused' } },
    ]);
  });

  test('a file goes through as it comes, and its item and campaign after it', async () => {
    const { bytes, sha256 } = testFile('new', 300_000);
    const params = { theatreNo: 1, sha256 };
    const put = { params, query: { name: 'New' }, body: bytes };
    expect((await ask('editor', contentOperations.putMedia, put)).status).toBe(200);
    expect(stand.cloud.uploads).toEqual([{ sha256, sizeBytes: 300_000 }]);
    const campaign = campaignRow('loop', ['item-0'], { status: 'paused' });
    const named = { params: { theatreNo: 1, campaignId: 'loop' }, body: campaign };
    await ask('editor', contentOperations.putCampaign, named);
    expect(stand.cloud.content.campaigns).toMatchObject([{ status: 'paused' }]);
  });

  test('a cloud that is away, or that refuses, is told in its own words', async () => {
    const wrong = { ...campaignRow('loop', ['item-0']), priority: 1000 };
    const named = { params: { theatreNo: 1, campaignId: 'loop' }, body: wrong };
    const bad = await ask('editor', contentOperations.putCampaign, named);
    expect([bad.status, await bad.json()]).toMatchObject([400, { code: 'bad-request' }]);
    await stand.cloud.stop();
    const away = await ask('viewer', contentOperations.content);
    expect([away.status, await away.json()]).toMatchObject([503, { code: 'link-down' }]);
  });
});

describe('what is shown', () => {
  const schedule = async (query: Record<string, string | number>) => {
    const response = await ask('viewer', managerOperations.schedule, { query });
    return { status: response.status, body: (await response.json()) as ScheduleAnswer };
  };
  const ready = () =>
    waitFor('the programme', async () => (await schedule({ screenId: 'lobby-1' })).status === 200);

  test('any screen at any time, on the clocks of the theatre, and why', async () => {
    await ready();
    const at = '2026-07-03T20:15:00';
    const { body } = await schedule({ screenId: 'lobby-1', at, minutes: 2 });
    expect(body.fromMs).toBe(Date.parse('2026-07-03T18:15:00Z'));
    expect(body.slots.length).toBeGreaterThanOrEqual(12);
    expect(body.slots[0]).toMatchObject({ kind: 'item', campaignName: 'loop' });
    expect(body.slots[0]?.reason.length).toBeGreaterThan(5);
    stand.agent.offer({
      ...(stand.agent.programme as never as object),
      hash: 'e'.repeat(64),
      campaigns: [campaignRow('loop', ['item-0'], { status: 'paused' })],
    } as never);
    await waitFor('the pause', async () => {
      return (await schedule({ screenId: 'lobby-1' })).body.slots[0]?.kind === 'fallback';
    });
    const paused = await schedule({ screenId: 'lobby-1' });
    expect(paused.body.excluded).toMatchObject([{ campaignName: 'loop', code: 'paused' }]);
    expect((await schedule({ screenId: 'nowhere' })).status).toBe(404);
  });

  test('the overview names what plays; an image is sent as the image that it is', async () => {
    await ready();
    stand.agent.answers.set('/v1/emergency', { emergencies: [] });
    const response = await ask('viewer', managerOperations.overview);
    expect(await response.json()).toMatchObject({
      theatre: { name: 'Roxy', timeZone: 'Europe/Berlin' },
      screens: [{ screenId: 'lobby-1', previewUrl: null }, {}, {}],
    });
    const file = await ask('viewer', contentOperations.media, {
      params: { sha256: picture.sha256 },
    });
    expect(file.headers.get('content-type')).toBe('image/webp');
    const other = await ask('viewer', contentOperations.media, {
      params: { sha256: 'f'.repeat(64) },
    });
    expect(other.headers.get('content-type')).toBe('application/octet-stream');
  });

  test('clock times of a theatre over the changes of its clocks', () => {
    const utc = (local: string) => new Date(utcOfLocal('America/Chicago', local)).toISOString();
    expect(utc('2026-11-21T18:00')).toBe('2026-11-22T00:00:00.000Z');
    expect(utc('2026-03-08T01:59')).toBe('2026-03-08T07:59:00.000Z');
    expect(utc('2026-03-08T03:00')).toBe('2026-03-08T08:00:00.000Z');
    expect(utc('2026-11-01T00:30')).toBe('2026-11-01T05:30:00.000Z');
    expect(utc('2026-11-01T03:00')).toBe('2026-11-01T09:00:00.000Z');
  });
});
