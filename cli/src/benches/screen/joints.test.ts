import { expect, test } from 'vitest';

import { gapFrames } from './joints.ts';

const frameMs = 40;
const every = (fromMs: number, toMs: number): number[] =>
  Array.from(
    { length: Math.floor((toMs - fromMs) / frameMs) + 1 },
    (_, at) => fromMs + at * frameMs,
  );

test('a joint in step with the frames leaves no gap', () => {
  const changesMs = [...every(0, 1000), ...every(1040, 2000)];
  expect(gapFrames({ changesMs, jointsMs: [1040] }, frameMs)).toEqual([0]);
});

test('frames that are missing at the joint are counted; a standstill elsewhere is not', () => {
  const changesMs = [...every(0, 400), ...every(600, 1000), ...every(1160, 2000)];
  expect(gapFrames({ changesMs, jointsMs: [1000] }, frameMs)).toEqual([3]);
  expect(gapFrames({ changesMs, jointsMs: [1080] }, frameMs)).toEqual([1]);
});
