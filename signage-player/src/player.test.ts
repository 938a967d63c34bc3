import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { waitFor } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { campaignRow, screenRow, testFile, testProgramme } from './testing/house.ts';
import { Stand } from './testing/stand.ts';
import { bootSchema } from './wire.ts';

let stand: Stand;

beforeEach(async () => {
  stand = await Stand.start();
});

afterEach(async () => {
  await stand.close();
});

const one = testFile('one');
const two = testFile('two', 300_000);

test('a programme reaches the page once its files are here, with live state at once', async () => {
  stand.media.add(one, two);
  stand.agent.programme = testProgramme([one, two]);
  await stand.startPlayer();
  const page = await stand.page();
  await waitFor('the programme', () => page.programmes.length > 0);
  const { programme, ready, mediaBase } = page.programmes[0] ?? {};
  expect(programme?.hash).toBe(stand.agent.programme.hash);
  expect(ready?.toSorted()).toEqual([one.sha256, two.sha256].toSorted());
  const file = await fetch(`${stand.url}${mediaBase}/${two.sha256}`);
  expect(Buffer.from(await file.arrayBuffer()).equals(two.bytes)).toBe(true);
  stand.agent.tellLive({ admitted: { 7: { count: 3, atMs: 1 } } });
  await waitFor('the live state', () => page.lives.at(-1)?.live.admitted[7]?.count === 3);
});

async function playing(settings: Parameters<Stand['startPlayer']>[0] = {}): Promise<void> {
  stand.media.add(one);
  stand.agent.programme = testProgramme([one]);
  const { hash } = stand.agent.programme;
  await stand.startPlayer(settings);
  await waitFor('the programme', async () =>
    (await (await fetch(`${stand.url}/v1/screens`)).text()).includes(`"programmeHash":"${hash}"`),
  );
}

const play = (n: number, change: object = {}) => ({
  playId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  screenId: 'lobby-1',
  itemId: 'item-0',
  campaignId: 'loop',
  decisionId: null,
  programmeHash: stand.agent.programme?.hash ?? '0'.repeat(64),
  startedAtMs: 1,
  endedAtMs: null,
  outcome: 'playing',
  display: 'matched',
  ...change,
});

test('a box that starts with neither agent nor network shows the last programme', async () => {
  await playing();
  stand.agent.tellLive({ delays: [{ showNo: 4, delayMin: 10, atMs: 1 }] });
  const first = await stand.page();
  await waitFor('the delay', () => first.lives.at(-1)?.live.delays.length === 1);
  await stand.stopPlayer();
  await stand.agent.stop();
  stand.media.remove(one.sha256);
  const startedMs = performance.now();
  await stand.startPlayer();
  const page = await stand.page();
  await waitFor('the programme', () => page.programmes.length > 0);
  expect(performance.now() - startedMs).toBeLessThan(3000);
  expect(page.programmes[0]?.ready).toEqual([one.sha256]);
  expect(page.lives[0]?.live.delays).toEqual([{ showNo: 4, delayMin: 10, atMs: 1 }]);
  await stand.agent.start();
});

test('a damaged programme on the disk is set aside, and the next one is taken', async () => {
  await playing();
  await stand.stopPlayer();
  writeFileSync(join(stand.dataDir, 'state', 'programme.json'), '{"programme": {"hash"');
  await stand.startPlayer();
  const page = await stand.page();
  await waitFor('the programme', () => page.programmes.length > 0);
  expect(page.programmes[0]?.programme.hash).toBe(stand.agent.programme?.hash);
});

test('pages live on the time of the agent, whatever the clock of the box says', async () => {
  const agentMs = Date.parse('2031-05-01T12:00:00Z');
  stand.agent.nowMs = () => agentMs;
  await playing();
  const page = await stand.page();
  await waitFor('the programme', () => page.programmes.length > 0);
  const nowMs = page.programmes[0]?.nowMs ?? 0;
  expect(Math.abs(nowMs - agentMs)).toBeLessThan(10_000);
  await stand.stopPlayer();
  await stand.agent.stop();
  // A box without a clock battery must not go back to what was on years ago.
  await stand.startPlayer();
  const later = await stand.page();
  await waitFor('the programme', () => later.programmes.length > 0);
  expect(later.programmes[0]?.nowMs).toBeGreaterThanOrEqual(nowMs);
  await stand.agent.start();
});

test('plays are told while the agent is away, over a restart, each and in order', async () => {
  await playing();
  const page = await stand.page();
  await stand.agent.stop();
  const end = { endedAtMs: 2, outcome: 'complete' };
  expect(await (await page.plays([play(1), play(2)])).json()).toEqual({ kept: 2 });
  await page.plays([play(1, end)]);
  await stand.stopPlayer();
  await stand.startPlayer();
  await stand.agent.start();
  await waitFor('the plays', () => stand.agent.plays.get(play(1).playId)?.length === 2);
  expect(stand.agent.plays.get(play(1).playId)?.map(({ outcome }) => outcome)).toEqual([
    'playing',
    'complete',
  ]);
  expect(stand.agent.plays.has(play(2).playId)).toBe(true);
  await waitFor('the file to be empty', () => readFileSync(spoolFile()).length === 0);
});

const spoolFile = (): string => join(stand.dataDir, 'plays.ndjson');

test('a torn line at the end of the plays costs that play and no other', async () => {
  await playing();
  await stand.stopPlayer();
  writeFileSync(spoolFile(), `${JSON.stringify(play(1))}\n{"playId":"00000`);
  await stand.startPlayer();
  await waitFor('the whole one', () => stand.agent.plays.has(play(1).playId));
});

test('a play that the agent cannot read does not block those behind it', async () => {
  await playing();
  const page = await stand.page();
  stand.agent.failWith = 400;
  await page.plays([play(1), play(2)]);
  await waitFor('the refusal', () => stand.logger.of('plays-refused').length === 2);
  stand.agent.failWith = null;
  await page.plays([play(3)]);
  await waitFor('the next one', () => stand.agent.plays.has(play(3).playId));
});

test('what a page has painted is reported at once; pictures go on', async () => {
  await playing();
  const page = await stand.page();
  await page.pulse();
  await waitFor('a report', () => stand.agent.report('lobby-1')?.pageAgeMs !== null);
  const emergencyId = '00000000-0000-4000-8000-0000000000ee';
  const sentMs = performance.now();
  await page.pulse({ emergencyId, mode: 'emergency', picture: 'AAAA' });
  await waitFor('the report', () => stand.agent.report('lobby-1')?.emergencyId === emergencyId);
  expect(performance.now() - sentMs).toBeLessThan(500);
  await waitFor('the picture', () => stand.agent.bodies('/v1/screens/lobby-1/picture').length > 0);
});

test('a screen that no page speaks for is reported so, those of other boxes are not', async () => {
  await playing();
  await waitFor('a report', () => stand.agent.report('door-3') !== undefined);
  expect(stand.agent.report('door-3')).toMatchObject({
    pageAgeMs: null,
    display: 'unsampled',
    panel: 'unknown',
    playing: null,
  });
  expect(stand.agent.report('far-1')).toBeUndefined();
});

const command = (kind: string, n: number, screenId = 'lobby-1') => ({
  commandId: `00000000-0000-4000-8000-0000000c00${n}`,
  screenId,
  kind,
  atMs: Date.now(),
});
const resultOf = (n: number) =>
  stand.agent.bodies(`/v1/commands/00000000-0000-4000-8000-0000000c00${n}/result`)[0];

test('commands make a round trip through the page, once each', async () => {
  await playing();
  const page = await stand.page();
  await page.pulse();
  stand.agent.tell('command', command('identify', 10));
  await waitFor('the page to hear it', () => page.commands.length === 1);
  const commandId = page.commands[0]?.commandId;
  await page.result({ commandId, ok: true, detail: 'Shown.', picture: null });
  await waitFor('the answer', () => resultOf(10) !== undefined);
  expect(resultOf(10)).toMatchObject({ ok: true, screenId: 'lobby-1' });
  stand.agent.tell('command', command('identify', 10));
  stand.agent.tell('command', command('reload', 11));
  await waitFor('the reload', () => page.commands.at(-1)?.kind === 'reload');
  expect(page.commands).toHaveLength(2);
  expect(resultOf(11)).toBeUndefined();
  await page.pulse({ pageId: '00000000-0000-4000-8000-000000000002' });
  await waitFor('the answer', () => resultOf(11) !== undefined);
  expect(resultOf(11)).toMatchObject({ ok: true });
  stand.agent.tell('command', { ...command('panel-off', 12) });
  await waitFor('the answer', () => resultOf(12) !== undefined);
  expect(resultOf(12)).toMatchObject({
    ok: false,
    detail: expect.stringContaining('panel') as string,
  });
  const { commandId: last } = command('panel-off', 12);
  await waitFor('the report', () => stand.agent.report('lobby-1')?.lastCommandId === last);
});

test('a screenshot without a browser is the page’s own; an old command is refused', async () => {
  await playing();
  const page = await stand.page();
  await page.pulse();
  stand.agent.tell('command', command('screenshot', 13));
  await waitFor('the page to hear it', () => page.commands.length === 1);
  const { commandId } = page.commands[0] ?? {};
  await page.result({ commandId, ok: true, detail: '', picture: 'BBBB' });
  await waitFor('the answer', () => resultOf(13) !== undefined);
  expect(resultOf(13)).toMatchObject({ ok: true, picture: 'BBBB' });
  stand.agent.tell('command', { ...command('reload', 14), atMs: Date.now() - 600_000 });
  await waitFor('the answer', () => resultOf(14) !== undefined);
  expect(resultOf(14)).toMatchObject({ ok: false });
});

test('a contact shows its emergency at once with no agent, and tells it under one id', async () => {
  const path = join(stand.dataDir, 'gpio');
  writeFileSync(path, '0\n');
  const contacts = [
    { path, by: 'fire panel', emergency: { kind: 'evacuate' as const, text: 'Leave now' } },
  ];
  await playing({ contacts });
  const page = await stand.page();
  await stand.agent.stop();
  writeFileSync(path, '1\n');
  await waitFor('the emergency', () => page.lives.at(-1)?.live.emergencies.length === 1, 2000);
  const shown = page.lives.at(-1)?.live.emergencies[0];
  expect(shown).toMatchObject({ kind: 'evacuate', text: 'Leave now', by: 'fire panel' });
  await stand.stopPlayer();
  expect(stand.logger.of('alarm-not-heard')).toHaveLength(1);
  await stand.startPlayer({ contacts });
  await stand.agent.start();
  await waitFor('the agent to hear', () => stand.agent.bodies('/v1/emergency').length > 0);
  const raised = stand.agent.bodies('/v1/emergency')[0];
  expect(raised).toMatchObject({ emergencyId: shown?.emergencyId, active: true });
  writeFileSync(path, '0\n');
  await waitFor('the end', () => stand.agent.bodies('/v1/emergency').length > 1);
  expect(stand.agent.bodies('/v1/emergency').at(-1)).toMatchObject({
    emergencyId: shown?.emergencyId,
    active: false,
  });
});

test('an emergency of an agent reaches a page that has no programme', async () => {
  await stand.startPlayer();
  const page = await stand.page('any-screen');
  await waitFor('the agent to be heard', () => stand.agent.readers > 0);
  const emergency = {
    emergencyId: '00000000-0000-4000-8000-0000000000ee',
    active: true,
    kind: 'message' as const,
    text: 'Hello',
    screens: [],
    by: 'manager',
    atMs: 1,
  };
  stand.agent.tellLive({ emergencies: [emergency] });
  await waitFor('the emergency', () => page.lives.at(-1)?.live.emergencies.length === 1);
  expect(page.programmes).toEqual([]);
});

test('pages and previews carry their boot; a preview hears no command', async () => {
  await playing();
  const html = await (await fetch(`${stand.url}/screens/lobby-1`)).text();
  const boot = bootOf(html);
  expect(boot).toMatchObject({ screenId: 'lobby-1', mode: 'screen', base: '/screens/lobby-1' });
  const at = '2026-11-21T18:00:00-06:00';
  const url = `${stand.url}/preview/far-1?at=${encodeURIComponent(at)}`;
  const preview = bootOf(await (await fetch(url)).text());
  expect(preview).toMatchObject({ mode: 'preview', atMs: Date.parse(at), base: '/preview/far-1' });
  expect((await fetch(`${stand.url}/preview/far-1?at=soon`)).status).toBe(400);
  expect((await fetch(`${stand.url}/screens/A..B`)).status).toBe(400);
  const previewed = await stand.page('lobby-1', 'preview');
  stand.agent.tell('command', command('identify', 15));
  await waitFor('the answer', () => resultOf(15) !== undefined);
  expect(resultOf(15)).toMatchObject({ ok: false });
  expect(previewed.commands).toEqual([]);
  const metrics = await (await fetch(`${stand.url}/metrics`)).text();
  expect(metrics).toContain('foyer_player_plays{screen="lobby-1"} 0');
});

function bootOf(html: string): unknown {
  const json = /<script type="application\/json" id="boot">(.*?)<\/script>/.exec(html)?.[1] ?? '';
  return bootSchema.parse(JSON.parse(json));
}

test('a preview of another box gets its files from the cloud, a page does not', async () => {
  const target = { screens: ['far-1'], kinds: [], groups: [], tags: [] };
  const campaigns = [
    campaignRow('near', ['item-0'], { target: { ...target, screens: ['lobby-1'] } }),
    campaignRow('far', ['item-1'], { target }),
  ];
  stand.media.add(one, two);
  stand.agent.programme = testProgramme([one, two], { campaigns });
  await stand.startPlayer();
  const page = await stand.page('far-1');
  const preview = await stand.page('far-1', 'preview');
  await waitFor('the programme', () => preview.programmes.length + page.programmes.length > 1);
  expect(page.programmes[0]?.ready).not.toContain(two.sha256);
  expect(preview.programmes[0]?.ready).toContain(two.sha256);
  expect((await fetch(`${stand.url}/media/${two.sha256}`)).status).toBe(404);
  const url = `${stand.url}${preview.programmes[0]?.mediaBase}/${two.sha256}`;
  const whole = await fetch(url);
  expect(whole.headers.get('content-type')).toBe('image/webp');
  expect(Buffer.from(await whole.arrayBuffer()).equals(two.bytes)).toBe(true);
  const part = await fetch(url, { headers: { range: 'bytes=5-' } });
  expect(part.status).toBe(206);
  await part.body?.cancel();
  const unknown = testFile('unknown').sha256;
  expect((await fetch(url.replace(two.sha256, unknown))).status).toBe(404);
});

test('an emergency lights a panel that is in standby, although no page is there', async () => {
  const file = (name: string): string => join(stand.dataDir, name);
  writeFileSync(file('on'), 'x01');
  writeFileSync(file('off'), 'x05');
  writeFileSync(file('panel'), 'x01');
  const standby = { ...screenRow('lobby-1'), mode: 'standby' as const };
  stand.media.add(one);
  stand.agent.programme = testProgramme([one], { screens: [standby] });
  await stand.startPlayer({
    panels: [
      {
        screenId: 'lobby-1',
        readCommand: ['cat', file('panel')],
        onCommand: ['cp', file('on'), file('panel')],
        offCommand: ['cp', file('off'), file('panel')],
      },
    ],
  });
  await waitFor('the dark', () => stand.agent.report('lobby-1')?.panel === 'off');
  const emergency = {
    emergencyId: '00000000-0000-4000-8000-0000000000ee',
    active: true,
    kind: 'evacuate' as const,
    text: '',
    screens: [],
    by: 'manager',
    atMs: 1,
  };
  stand.agent.tellLive({ emergencies: [emergency] });
  await waitFor('the light', () => stand.agent.report('lobby-1')?.panel === 'on', 3000);
  stand.agent.tellLive({ emergencies: [] });
  await waitFor('the dark again', () => stand.agent.report('lobby-1')?.panel === 'off');
});
