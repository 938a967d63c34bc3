import { describe, expect, test } from 'vitest';

import type { Random } from '../random.ts';

/** What every Random does. */
export function describeRandom(name: string, make: () => Random): void {
  describe(`Random: ${name}`, () => {
    test('bytes are as many as asked for, and spread over all values', () => {
      const random = make();
      expect(random.bytes(0)).toHaveLength(0);
      const bytes = random.bytes(20_000);
      expect(bytes).toHaveLength(20_000);
      expect(new Set(bytes).size).toBe(256);
      const mean = bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
      expect(Math.abs(mean - 127.5)).toBeLessThan(4);
    });

    test('a uuid is of version 4 and comes once', () => {
      const random = make();
      const uuids = Array.from({ length: 1000 }, () => random.uuid());
      const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
      expect(uuids.filter((uuid) => !pattern.test(uuid))).toEqual([]);
      expect(new Set(uuids).size).toBe(1000);
    });

    test('floats lie in [0, 1) and fill it evenly', () => {
      const random = make();
      const tenths = Array.from({ length: 10 }, () => 0);
      for (let i = 0; i < 20_000; i += 1) {
        const value = random.float();
        if (value < 0 || value >= 1) throw new RangeError(`${value} is outside [0, 1).`);
        tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;
      }
      for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(300);
    });
  });
}
