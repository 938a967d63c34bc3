import { Glass, percentile, untilTrue } from '@foyer/simulators';
import type { Chromium } from '@foyer/simulators';
import { z } from 'zod';

import type { BenchHouse } from './house.ts';
import { framesPerS, heightPx, widthPx } from './content.ts';
import type { BenchScreen } from './content.ts';
import { gapFrames } from './joints.ts';
import { barePage, watchBare, watchScreen, watchText } from './scripts.ts';

type Page = Awaited<ReturnType<Chromium['browser']['newPage']>>;

const watchedSchema = z.object({
  changesMs: z.array(z.number()),
  jointsMs: z.array(z.number()),
});
const viewport = { width: widthPx, height: heightPx };
const frameMs = 1000 / framesPerS;
const untilMs = 60_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** An item of the bench is on; until its programme is there the seeded theatre's own are. */
const isPlaying = (screen: BenchScreen): string => {
  const prefix = JSON.stringify(screen.replace(/1$/, ''));
  return `globalThis.foyer?.stats().playing?.startsWith(${prefix}) === true`;
};

async function openScreen(
  house: BenchHouse,
  screen: BenchScreen,
  as: (screen: BenchScreen) => string = (id) => `/screens/${id}`,
): Promise<Page> {
  const page = await house.chromium.browser.newPage({ viewport });
  await page.goto(`${house.url}${as(screen)}`);
  await untilTrue(page, isPlaying(screen), untilMs);
  return page;
}

/** What the loop of films and boards came to. */
export interface Playback {
  readonly blankFrames: number;
  readonly frames: number;
  readonly blankMs: number;
  readonly gaps: readonly number[];
  readonly decisionsMs: readonly number[];
}

/** Films, pictures and a board, one after the other, seen from inside and from outside. */
export async function playback(house: BenchHouse, ms: number): Promise<Playback> {
  const page = await openScreen(house, 'loop-1');
  await page.evaluate(watchScreen);
  const glass = await Glass.watch(page);
  await pause(ms);
  const { frames, blankFrames } = await glass.stop();
  const watched = watchedSchema.parse(await page.evaluate('watched'));
  const numbers = z.array(z.number());
  const decisionsMs = numbers.parse(await page.evaluate('foyer.probe.house().decisionsMs'));
  const { blankMs } = z.object({ blankMs: z.number() }).parse(await page.evaluate('foyer.stats()'));
  await page.close();
  return { blankFrames, frames, blankMs, gaps: gapFrames(watched, frameMs), decisionsMs };
}

/** One film that loops by itself, looked at in the same way. */
export async function barePlayback(house: BenchHouse, ms: number): Promise<number[]> {
  const page = await house.chromium.browser.newPage({ viewport });
  await page.setContent(barePage);
  await page.evaluate(watchBare);
  const film = `data:video/webm;base64,${house.filmBytes.toString('base64')}`;
  await page.evaluate(
    `fetch(${JSON.stringify(film)}).then((answer) => answer.blob()).then((blob) => {
      document.querySelector('video').src = URL.createObjectURL(blob); })`,
  );
  const glass = await Glass.watch(page);
  await pause(ms);
  await glass.stop();
  const watched = watchedSchema.parse(await page.evaluate('watched'));
  await page.close();
  return gapFrames(watched, frameMs);
}

/** From the start of a player that was killed to content on the glass, the store warm; ms. */
export async function startToContent(house: BenchHouse): Promise<number> {
  await house.killPlayer();
  const page = await house.chromium.browser.newPage({ viewport });
  const beganMs = performance.now();
  await house.startPlayer();
  await page.goto(`${house.url}/screens/loop-1`);
  await untilTrue(page, isPlaying('loop-1'), untilMs, 5);
  const tookMs = performance.now() - beganMs;
  await page.close();
  return tookMs;
}

/** From a count told at a gate's agent to its text on the glass of a box; ms, each. */
export async function stateToPixels(house: BenchHouse, times: number): Promise<number[]> {
  const page = await openScreen(house, 'queue-1');
  await page.evaluate(watchText);
  const took: number[] = [];
  for (let waiting = 1; waiting <= times; waiting += 1) {
    const atMs = Date.now();
    await house.tellWaiting(waiting);
    const seen = `globalThis.seenTexts.get('${waiting} waiting')`;
    took.push(z.number().parse(await untilTrue(page, seen, 10_000, 10)) - atMs);
    await pause(40 + ((waiting * 37) % 120));
  }
  await page.close();
  return took;
}

const shortRate = 8;
const warmUpSwaps = 100;

/** How much the heap grew over this many swaps, after forced collections; MB. */
export async function heapGrowth(
  house: BenchHouse,
  swaps: number,
  limitMs: number,
): Promise<{ growthMb: number; swaps: number }> {
  const page = await openScreen(house, 'short-1', (id) => `/preview/${id}?speed=${shortRate}`);
  const session = await page.context().newCDPSession(page);
  const count = async (): Promise<number> =>
    z.number().parse(await page.evaluate('foyer.stats().plays'));
  const heapMb = async (): Promise<number> => {
    for (let turn = 0; turn < 3; turn += 1) await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize / 1_000_000;
  };
  const until = async (wanted: number): Promise<void> => {
    const limit = performance.now() + limitMs;
    while ((await count()) < wanted && performance.now() < limit) await pause(250);
  };
  await until(warmUpSwaps);
  const [firstMb, first] = [await heapMb(), await count()];
  await until(first + swaps);
  const [lastMb, last] = [await heapMb(), await count()];
  await page.close();
  return { growthMb: lastMb - firstMb, swaps: last - first };
}

export const p = (values: readonly number[], share: number): number =>
  Number(percentile(values, share).toFixed(1));
