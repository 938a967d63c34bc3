import type { ScreenReport } from '@foyer/contracts';
import { SimClock, SimRandom, simLogger } from '@foyer/platform/sim';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { playerConfigSchema } from '../config.ts';
import type { Pulse } from '../wire.ts';
import { PageStreams } from './page-streams.ts';
import { ScreenDesk } from './screen-desk.ts';
import { ScreenHands } from './screen-hands.ts';

const dataDirs: string[] = [];
let clock: SimClock;

beforeEach(() => {
  clock = new SimClock();
});

afterEach(() => {
  for (const dir of dataDirs.splice(0)) removeTempDir(dir);
});

const { watch } = playerConfigSchema.parse({
  agentUrl: 'http://127.0.0.1:1',
  mediaUrls: ['http://127.0.0.1:1'],
  dataDir: '/nowhere',
});

function newDir(): string {
  const dir = makeTempDir('desk');
  dataDirs.push(dir);
  return dir;
}

/** A desk with one screen, what it stepped on, and the reports that its agent got. */
async function makeDesk(dataDir: string) {
  const steps: [string, number][] = [];
  const reports: ScreenReport[] = [];
  const logger = simLogger();
  const live = { event: 'live', data: '{}' } as const;
  const streams = new PageStreams(
    clock,
    () => [],
    () => live,
  );
  const hands = new ScreenHands({
    browsers: [],
    streams: () => streams,
    clock,
    random: new SimRandom(1),
    logger,
    commandTimeoutMs: 1000,
  });
  hands.able = () => new Set(['skip', 'reload', 'restart-browser', 'restart-output']);
  hands.step = (rung) => {
    steps.push([rung, Math.round(clock.monotonicMs() / 1000)]);
    return Promise.resolve({ ok: true, detail: '' });
  };
  const desk = new ScreenDesk({
    dataDir,
    watch,
    hands,
    clock,
    logger,
    agent: {
      ask: (_method, path, body) => {
        if (path.endsWith('/report')) reports.push(body as ScreenReport);
        return Promise.resolve({ status: 200, body: {} });
      },
    },
    nowMs: () => clock.nowMs(),
    programme: () => null,
    fetchingHash: () => null,
    cache: () => ({ files: 0, bytes: 0, missing: 0 }),
    panel: () => 'unknown',
    onUnplayable: () => undefined,
  });
  await desk.start();
  desk.see(['lobby-1']);
  return { desk, steps, reports };
}

const pulse = (change: Partial<Pulse> = {}): Pulse => ({
  pageId: '00000000-0000-4000-8000-000000000001',
  atMs: clock.nowMs(),
  programmeHash: null,
  mode: 'normal',
  playing: {
    itemId: 'trailer',
    campaignId: null,
    sinceMs: 1,
    positionMs: clock.monotonicMs(),
    durationMs: 3_600_000,
  },
  emergencyId: null,
  display: 'matched',
  picture: null,
  heapBytes: null,
  blankMs: 0,
  plays: 0,
  faults: [],
  queued: 0,
  ...change,
});

/** A page that speaks each second for `seconds`. */
async function speak(desk: ScreenDesk, seconds: number, change: () => Partial<Pulse> = () => ({})) {
  for (let s = 0; s < seconds; s += 1) {
    desk.take('lobby-1', pulse(change()));
    await clock.advanceAsync(1000);
  }
}

test('a wedged film climbs the rungs, and each is a fault record with the item', async () => {
  const { desk, steps, reports } = await makeDesk(newDir());
  await speak(desk, 20);
  const wedged = pulse().playing;
  await speak(desk, 45, () => ({ playing: wedged }));
  expect(steps.map(([rung]) => rung)).toEqual(['skip', 'reload', 'restart-browser']);
  const faults = reports.at(-1)?.faults ?? [];
  expect(faults.map(({ code, object, rung }) => [code, object, rung])).toEqual([
    ['playback-stalled', 'trailer', 'restart-browser'],
    ['playback-stalled', 'trailer', 'reload'],
    ['playback-stalled', 'trailer', 'skip'],
  ]);
  await speak(desk, 70);
  expect(steps).toHaveLength(3);
  await desk.close();
});

test('the limits and the faults of a watchdog survive the end of its player', async () => {
  const dir = newDir();
  const first = await makeDesk(dir);
  await clock.advanceAsync(95_000);
  expect(first.steps.map(([rung]) => rung)).toEqual(['reload']);
  await first.desk.close();
  await clock.advanceAsync(5_000);
  const second = await makeDesk(dir);
  await clock.advanceAsync(95_000);
  expect(second.steps.map(([rung]) => rung)).toEqual(['restart-browser']);
  expect(second.reports[0]?.faults.map(({ rung }) => rung)).toEqual(['reload']);
  await second.desk.close();
});

test('a month of a screen that is well ends with no step, no fault and no growth', async () => {
  const { desk, steps, reports } = await makeDesk(newDir());
  // Each hour of the month, its first two seconds.
  for (let hour = 0; hour < 720; hour += 1) {
    await speak(desk, 2);
    reports.splice(0, reports.length - 1);
  }
  expect(steps).toEqual([]);
  expect(reports.at(-1)?.faults).toEqual([]);
  await desk.close();
});

test('a report tells how long nobody has heard of the page', async () => {
  const { desk, reports } = await makeDesk(newDir());
  await speak(desk, 3);
  await clock.advanceAsync(10_000);
  expect(reports.at(-1)?.pageAgeMs).toBeGreaterThanOrEqual(10_000);
  await desk.close();
});
