import { expect, test } from 'vitest';

import type { Pulse } from '../wire.ts';
import { excuse, feel, noVitals, troubleOf } from './vitals.ts';

const limits = { silentMs: 15_000, firstPageMs: 90_000, stuckMs: 10_000, differsMs: 30_000 };

const pulse = (change: Partial<Pulse> = {}): Pulse => ({
  pageId: '00000000-0000-4000-8000-000000000001',
  atMs: 0,
  programmeHash: null,
  mode: 'normal',
  playing: null,
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

const playing = (positionMs: number | null, durationMs = 60_000, sinceMs = 1) => ({
  itemId: 'film',
  campaignId: null,
  sinceMs,
  positionMs,
  durationMs,
});

/** A pulse each second; the last one is at `seconds - 1`. */
function troubleAfter(seconds: number, at: (s: number) => Partial<Pulse>) {
  let vitals = noVitals(0);
  for (let s = 0; s < seconds; s += 1) vitals = feel(vitals, pulse(at(s)), s * 1000);
  return troubleOf(vitals, (seconds - 1) * 1000, limits);
}

test('no page for ninety seconds after a start, or none for fifteen, is a silent page', () => {
  expect(troubleOf(noVitals(0), 89_000, limits)).toBeNull();
  expect(troubleOf(noVitals(0), 91_000, limits)).toBe('page-silent');
  const vitals = feel(noVitals(0), pulse(), 1000);
  expect(troubleOf(vitals, 16_000, limits)).toBeNull();
  expect(troubleOf(vitals, 16_001, limits)).toBe('page-silent');
});

test('a film that stands still is stuck, although the page speaks', () => {
  expect(troubleAfter(30, (s) => ({ playing: playing(s * 1000) }))).toBeNull();
  expect(troubleAfter(30, () => ({ playing: playing(5000) }))).toBe('playback-stalled');
});

test('a picture has no position: it is stuck only when it stays on past its end', () => {
  expect(troubleAfter(55, () => ({ playing: playing(null) }))).toBeNull();
  expect(troubleAfter(75, () => ({ playing: playing(null) }))).toBe('playback-stalled');
  const turns = (s: number) => playing(null, 10_000, Math.floor(s / 10));
  expect(troubleAfter(75, (s) => ({ playing: turns(s) }))).toBeNull();
});

test('late pulses of a starved box are no stall, and a late player accuses nobody', () => {
  let vitals = noVitals(0);
  // One look each nine seconds, at a film that moved a little less than it should.
  for (let s = 0; s <= 45; s += 9) {
    vitals = feel(vitals, pulse({ playing: playing(null, 20_000) }), s * 1000);
  }
  expect(troubleOf(vitals, 45_000, limits)).toBeNull();
  for (let s = 46; s < 50; s += 1) {
    vitals = feel(vitals, pulse({ playing: playing(5000, 90_000, 2) }), s * 1000);
  }
  expect(troubleOf(vitals, 60_000, limits)).toBeNull();
  expect(troubleOf(vitals, 80_000, limits)).toBe('page-silent');
  expect(troubleOf(excuse(vitals, 25_000), 80_000, limits)).toBeNull();
});

test('a jump of the clock that the page tells alarms nobody', () => {
  const jump = (s: number) => (s < 10 ? 0 : 86_400_000);
  expect(troubleAfter(20, (s) => ({ atMs: jump(s), playing: playing(s * 1000) }))).toBeNull();
});

test('pixels that differ for half a minute are a fault, one odd sample is not', () => {
  const item = (s: number) => playing(s * 1000);
  expect(
    troubleAfter(40, (s) => ({ playing: item(s), display: s === 20 ? 'differed' : 'matched' })),
  ).toBeNull();
  expect(troubleAfter(40, (s) => ({ playing: item(s), display: 'differed' }))).toBe(
    'display-differs',
  );
});

test('a page that shows nothing is a fault, unless it is dark on purpose', () => {
  expect(troubleAfter(6, (s) => ({ blankMs: s * 1000 }))).toBe('display-differs');
  expect(troubleAfter(6, (s) => ({ blankMs: s * 1000, mode: 'standby' }))).toBeNull();
  expect(troubleAfter(6, (s) => ({ blankMs: s === 3 ? 40 : 0 }))).toBeNull();
});
