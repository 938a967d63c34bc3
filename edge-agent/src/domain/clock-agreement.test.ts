import { expect, test } from 'vitest';
import { judgeClock } from './clock-agreement.ts';

const now = Date.UTC(2026, 10, 20, 19, 0);
const year = 365 * 86_400_000;
const floorMs = now - 3_600_000;
const from = (...times: number[]) => times.map((wallMs, i) => ({ node: `gate-${i + 2}`, wallMs }));

test('two clocks that show the same time agree', () => {
  expect(judgeClock({ rawMs: now, floorMs, readings: from(now + 900), upstream: null })).toEqual({
    correctionMs: 0,
    agreed: true,
  });
});

test('a clock alone is not agreed', () => {
  expect(judgeClock({ rawMs: now, floorMs, readings: [], upstream: null })).toEqual({
    correctionMs: 0,
    agreed: false,
  });
});

test('a clock years ahead is corrected by a majority of the others', () => {
  const readings = from(now, now + 100);
  expect(judgeClock({ rawMs: now + 5 * year, floorMs, readings, upstream: null })).toEqual({
    correctionMs: 100 - 5 * year,
    agreed: true,
  });
});

test('a clock that fell back to 1970 takes the time of its upstream, unagreed', () => {
  const readings = [...from(now), { node: 'theatre', wallMs: now + 60_000 }];
  const answer = judgeClock({ rawMs: 5000, floorMs, readings, upstream: 'theatre' });
  expect(answer).toEqual({ correctionMs: now + 60_000 - 5000, agreed: false });
});

test('clocks before the floor have no say, however many they are', () => {
  const readings = from(1000, 1000, 1000, now);
  expect(judgeClock({ rawMs: now, floorMs, readings, upstream: null }).agreed).toBe(true);
});

test('two against two is no agreement', () => {
  const readings = from(now, now + year, now + year);
  expect(judgeClock({ rawMs: now, floorMs, readings, upstream: null })).toEqual({
    correctionMs: 0,
    agreed: false,
  });
});
