import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Item, Media } from '@foyer/contracts';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launchChromium } from './chromium.ts';
import type { Chromium } from './chromium.ts';
import { Glass } from './glass.ts';
import { makePicture, makeTestFilm, mediaRow, thumbprintOf } from './testing/media.ts';
import { makeProgramme } from './testing/programme.ts';
import { StandInPlayer } from './testing/stand-in-player.ts';
import { untilTrue } from './wait.ts';

let dir: string;
let chromium: Chromium;
let film: Buffer;
let pictures: Buffer[];
let player: StandInPlayer;
let page: Page;
let rows: Media[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'foyer-playback-'));
  film = await makeTestFilm(dir, 'film', { seconds: 3 });
  pictures = await Promise.all([10, 130, 250].map((hue) => makePicture(hue)));
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(async () => {
  player = new StandInPlayer('lobby-1');
  rows = [];
  await player.start();
  page = await chromium.browser.newPage({ viewport: { width: 640, height: 360 } });
});

afterEach(async () => {
  await page.close();
  await player.stop();
});

async function picture(index: number): Promise<string> {
  const bytes = pictures[index] ?? Buffer.alloc(0);
  const sha256 = player.addFile(bytes, 'image/png');
  rows.push(mediaRow(sha256, bytes.length, { thumbprint: await thumbprintOf(bytes) }));
  return sha256;
}

function movie(bytes = film): string {
  const sha256 = player.addFile(bytes, 'video/webm');
  const more = { kind: 'video', mime: 'video/webm', durationMs: 3000 } as const;
  rows.push(mediaRow(sha256, bytes.length, more));
  return sha256;
}

type PartialItem = Partial<Item> & Pick<Item, 'itemId' | 'content'>;

const media = (itemId: string, sha256: string, durationMs = 2000): PartialItem => ({
  itemId,
  content: { kind: 'media', sha256 },
  durationMs,
});

const board = (itemId: string, durationMs = 2000): PartialItem => ({
  itemId,
  content: { kind: 'board', board: 'showtimes' },
  durationMs,
});

async function play(...items: PartialItem[]): Promise<void> {
  const startsAtMs = player.nowMs() + 3_600_000;
  player.setProgramme(
    makeProgramme({ screens: [{}], items, media: rows, shows: [{ startsAtMs }] }),
  );
  await page.goto(player.url);
}

const playing = (itemId: string): string => `foyer.stats().playing === '${itemId}'`;
const endedOf = (itemId: string): string[] =>
  player.ended.filter((play) => play.itemId === itemId).map(({ outcome }) => outcome);
const faults = (): string[] =>
  player.pulses.flatMap((pulse) => pulse.faults.map(({ code }) => code));

test('film, picture and board follow one another, and no frame between them is empty', async () => {
  await play(media('film', movie(), 3000), media('picture', await picture(0)), board('board'));
  await untilTrue(page, playing('film'));
  const glass = await Glass.watch(page);
  await expect.poll(() => player.ended.length, { timeout: 45_000 }).toBeGreaterThanOrEqual(6);
  const { frames, blankFrames } = await glass.stop();
  expect(frames).toBeGreaterThan(30);
  expect(blankFrames).toBe(0);
  expect(player.pulses.at(-1)?.blankMs).toBe(0);
  expect(faults()).toEqual([]);
  const complete = player.ended.filter(({ outcome }) => outcome === 'complete');
  expect(complete.map(({ display }) => display)).not.toContain('differed');
  expect(new Set(complete.map(({ itemId }) => itemId))).toEqual(
    new Set(['film', 'picture', 'board']),
  );
  expect(player.pulses.some((pulse) => (pulse.picture ?? '').length > 500)).toBe(true);
});

test('a picture that is not the one that was meant is said to differ', async () => {
  const sha256 = await picture(0);
  const other = await thumbprintOf(pictures[1] ?? Buffer.alloc(0));
  rows = rows.map((row) => ({ ...row, thumbprint: other }));
  await play(media('picture', sha256, 5000));
  await expect.poll(() => player.pulses.at(-1)?.display, { timeout: 20_000 }).toBe('differed');
});

test('a corrupt picture and a film of noise are skipped, and the file is named', async () => {
  const broken = player.addFile(Buffer.from('this is no picture'), 'image/png');
  rows.push(mediaRow(broken, 18));
  const noise = movie(Buffer.alloc(50_000, 0x5a));
  await play(media('broken', broken), media('noise', noise), media('picture', await picture(0)));
  await untilTrue(page, playing('picture'));
  const glass = await Glass.watch(page);
  const told = () => player.pulses.flatMap((pulse) => pulse.faults);
  await expect
    .poll(() => new Set(told().map(({ object }) => object)), { timeout: 30_000 })
    .toEqual(new Set([broken, noise]));
  expect(new Set(told().map(({ code }) => code))).toEqual(new Set(['media-unplayable']));
  expect((await glass.stop()).blankFrames).toBe(0);
  expect(await page.evaluate('foyer.stats().playing')).toBe('picture');
});

test('a film that stands still while it plays is left within three seconds', async () => {
  await play(media('film', movie(), 20_000), media('picture', await picture(0), 4000));
  await untilTrue(page, playing('film'), 40_000);
  // The element goes on saying that it plays: only its position tells.
  await page.evaluate(`(() => {
    const { video } = foyer.probe.stage().front;
    Object.defineProperty(video, 'currentTime', { get: () => 1.25, set: () => undefined });
  })()`);
  const beganMs = Date.now();
  await untilTrue(page, playing('picture'));
  expect(Date.now() - beganMs).toBeLessThan(6000);
  await expect.poll(faults, { timeout: 10_000 }).toContain('playback-stalled');
  await expect.poll(() => endedOf('film'), { timeout: 10_000 }).toContain('failed');
});

test('a file that never comes is skipped; what is on stays on until then', async () => {
  const never = await picture(1);
  player.setServing(never, 'never');
  await play(media('picture', await picture(0)), media('never', never));
  await untilTrue(page, playing('picture'));
  const glass = await Glass.watch(page);
  await expect.poll(faults, { timeout: 30_000 }).toContain('media-missing');
  await expect.poll(() => endedOf('picture').length, { timeout: 30_000 }).toBeGreaterThan(1);
  expect((await glass.stop()).blankFrames).toBe(0);
});

test('with the player dead it plays on from memory, and each play arrives once', async () => {
  await play(media('film', movie(), 3000), media('picture', await picture(0)), board('board'));
  await untilTrue(page, playing('board'), 30_000);
  await untilTrue(page, 'foyer.probe.media().bytes > 0');
  await player.stop();
  const before = player.ended.length;
  const glass = await Glass.watch(page);
  const endedInPage = 'foyer.stats().plays';
  const then = Number(await page.evaluate(endedInPage));
  await untilTrue(page, `${endedInPage} >= ${then + 5}`, 60_000);
  expect((await glass.stop()).blankFrames).toBe(0);
  expect(player.ended.length).toBe(before);
  await player.start();
  await page.evaluate('foyer.stop()');
  const stats = (await page.evaluate('foyer.stats()')) as { plays: number; queued: number };
  expect(stats.queued).toBe(0);
  expect(player.ended.length).toBe(stats.plays);
  for (const told of player.plays.values()) expect(told.length).toBeLessThanOrEqual(2);
}, 120_000);

test('a tab that was killed says at its next start when its play ended', async () => {
  const context = await chromium.browser.newContext();
  await page.close();
  page = await context.newPage();
  await play(board('board', 600_000));
  await untilTrue(page, playing('board'));
  await expect.poll(() => player.plays.size, { timeout: 10_000 }).toBe(1);
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
  const again = await context.newPage();
  await again.goto(player.url);
  await expect.poll(() => endedOf('board'), { timeout: 20_000 }).toEqual(['cut']);
  await context.close();
});

test('the wall clock of the box may jump: the item that is on stays on', async () => {
  await play(board('board', 600_000));
  await untilTrue(page, playing('board'));
  const nowBefore = Number(await page.evaluate('foyer.probe.clock().now()'));
  await page.evaluate('Date.now = () => 0');
  await untilTrue(page, `foyer.probe.clock().now() > ${nowBefore} + 1500`);
  expect(await page.evaluate('foyer.stats()')).toMatchObject({ plays: 0, playing: 'board' });
});

test('an emergency is on in two seconds, also with no programme, and ends', async () => {
  await page.goto(player.url);
  const emergencyId = '0197c1de-6a5b-7d5a-9c4e-1f6d2b3a4c5d';
  const raised = { active: true, text: '', screens: ['lobby-1'], by: 'test', atMs: player.nowMs() };
  await untilTrue(page, 'foyer.probe.stage().cover === null');
  player.setLive({ emergencies: [{ ...raised, emergencyId, kind: 'evacuate' }] });
  const beganMs = Date.now();
  const painted = () => player.pulses.at(-1)?.emergencyId ?? null;
  await expect.poll(painted, { timeout: 10_000, interval: 20 }).toBe(emergencyId);
  expect(Date.now() - beganMs).toBeLessThan(2000);
  expect(player.pulses.at(-1)?.mode).toBe('emergency');
  player.setLive({
    emergencies: [{ ...raised, emergencyId, kind: 'evacuate', screens: ['bar-1'] }],
  });
  await expect.poll(painted, { timeout: 10_000 }).toBe(null);
});
