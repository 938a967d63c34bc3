import { afterEach, describe, expect, test } from 'vitest';

import type { Clock } from '../clock.ts';

export interface ClockUnderTest {
  clock: Clock;
  /** Lets so much of this clock's time pass. */
  advance: (ms: number) => Promise<void>;
}

/** What every Clock does. */
export function describeClock(name: string, make: () => ClockUnderTest): void {
  describe(`Clock: ${name}`, () => {
    const timers: { cancel(): void }[] = [];
    afterEach(() => {
      for (const timer of timers.splice(0)) timer.cancel();
    });

    test('the wall clock is in whole UTC milliseconds', () => {
      const nowMs = make().clock.nowMs();
      expect(Number.isInteger(nowMs)).toBe(true);
      expect(nowMs).toBeGreaterThan(Date.UTC(2020, 0));
    });

    test('monotonic time goes on and never back', async () => {
      const { clock, advance } = make();
      const before = clock.monotonicMs();
      await advance(20);
      const after = clock.monotonicMs();
      expect(after - before).toBeGreaterThanOrEqual(19);
    });

    test('timers fire once each, in the order of their times', async () => {
      const { clock, advance } = make();
      const fired: string[] = [];
      for (const [label, delayMs] of [
        ['c', 60],
        ['a', 0],
        ['b', 30],
      ] as const) {
        timers.push(clock.setTimer(label, delayMs, () => fired.push(label)));
      }
      expect(fired).toEqual([]);
      await advance(100);
      expect(fired).toEqual(['a', 'b', 'c']);
      await advance(100);
      expect(fired).toHaveLength(3);
    });

    test('a cancelled timer never fires, and cancelling again does nothing', async () => {
      const { clock, advance } = make();
      let fired = 0;
      const timer = clock.setTimer('cancelled', 5, () => (fired += 1));
      timer.cancel();
      timer.cancel();
      await advance(30);
      expect(fired).toBe(0);
    });

    test('a timer may set the next one', async () => {
      const { clock, advance } = make();
      let fires = 0;
      const again = (): void => {
        fires += 1;
        if (fires < 5) timers.push(clock.setTimer('again', 2, again));
      };
      timers.push(clock.setTimer('again', 2, again));
      await advance(100);
      expect(fires).toBe(5);
    });

    test('a timer of fifty days does not fire at once', async () => {
      const { clock, advance } = make();
      let fired = false;
      timers.push(clock.setTimer('long', 50 * 86_400_000, () => (fired = true)));
      await advance(20);
      expect(fired).toBe(false);
    });
  });
}
