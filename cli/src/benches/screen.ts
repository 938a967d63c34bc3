import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import type { Output } from '../output.ts';
import { framesPerS, heightPx, widthPx } from './screen/content.ts';
import { BenchHouse } from './screen/house.ts';
import {
  barePlayback,
  heapGrowth,
  p,
  playback,
  startToContent,
  stateToPixels,
} from './screen/phases.ts';

const optionsSchema = z.object({
  /** Of playing; the other phases take about two more. */
  minutes: z.coerce.number().min(0.2).max(600).default(3),
  swaps: z.coerce.number().int().min(50).max(100_000).default(1000),
  states: z.coerce.number().int().min(5).max(2000).default(100),
});

/** Of the time that plays; the bare film has the machine for itself in the rest. */
const ownShare = 0.65;
const starts = 3;
const warmMs = 12_000;
const heapMsPerSwap = 400;

const how = {
  browser: `headless Chromium ${widthPx}x${heightPx}, software rendering`,
  house:
    'real programs: broker, cloud, theatre, a gate and a display box with its player; no guests',
  blankFrames: 'frames of the compositor (screencast) that are one colour from edge to edge',
  gap: `film to film: frames of ${framesPerS} fps missing in the longest standstill at the joint`,
  bare: 'the same for one <video loop>, after our page and with the same camera on it',
  start: 'spawn of the player after a kill -9, store warm, no cloud, until an item is on; median',
  heap: 'after forced collections, before and after the swaps, at eight times the speed',
  stateToPixels:
    "from a count told at the gate's agent, over the mesh to the box, to two frames after the " +
    'text has changed',
};

/** Screens in a real Chromium: never blank, without gaps, in memory that does not grow. */
export async function run(
  given: Readonly<Record<string, unknown>>,
  output: Output,
): Promise<object> {
  const options = optionsSchema.parse(given);
  const dir = await mkdtemp(join(tmpdir(), 'foyer-bench-screen-'));
  let house: BenchHouse | undefined;
  try {
    output.progress('Making films');
    house = await BenchHouse.open(dir, (line) => output.progress(line));
    return await measure(house, options, output);
  } finally {
    await house?.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function measure(
  house: BenchHouse,
  { minutes, swaps, states }: z.infer<typeof optionsSchema>,
  output: Output,
): Promise<object> {
  output.progress('Filling the store');
  await playback(house, warmMs);
  await house.goOffline();
  output.progress('Starting offline');
  const startMs: number[] = [];
  for (let turn = 0; turn < starts; turn += 1) startMs.push(await startToContent(house));
  const playMs = minutes * 60_000;
  output.progress(`Playing for ${Math.round((playMs * ownShare) / 1000)} s`);
  const own = await playback(house, playMs * ownShare);
  output.progress(`A bare film for ${Math.round((playMs * (1 - ownShare)) / 1000)} s`);
  const bare = await barePlayback(house, playMs * (1 - ownShare));
  output.progress(`${states} live states`);
  const stateMs = await stateToPixels(house, states);
  output.progress(`${swaps} swaps`);
  const heap = await heapGrowth(house, swaps, swaps * heapMsPerSwap);
  return {
    blankFrames: own.blankFrames,
    gapFramesP99: p(own.gaps, 0.99),
    bareGapFramesP99: p(bare, 0.99),
    startToFirstContentMs: p(startMs, 0.5),
    heapGrowthMb: Number(heap.growthMb.toFixed(2)),
    stateToPixelsP95Ms: p(stateMs, 0.95),
    decisionP99Ms: Number(p(own.decisionsMs, 0.99).toFixed(2)),
    frames: own.frames,
    blankMs: own.blankMs,
    joints: own.gaps.length,
    bareJoints: bare.length,
    gapFramesP50: p(own.gaps, 0.5),
    bareGapFramesP50: p(bare, 0.5),
    swaps: heap.swaps,
    stateToPixelsP50Ms: p(stateMs, 0.5),
    minutes,
    how,
  };
}
