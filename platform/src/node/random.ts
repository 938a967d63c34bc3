import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';

import type { Random } from '../random.ts';

const poolBytes = 4096;

/** Randomness of the operating system. */
export function nodeRandom(): Random {
  const pool = Buffer.alloc(poolBytes);
  let used = poolBytes;
  return {
    bytes: (count) => new Uint8Array(randomBytes(count)),
    uuid: () => randomUUID(),
    float() {
      if (used === poolBytes) {
        randomFillSync(pool);
        used = 0;
      }
      const high = pool.readUInt32LE(used) >>> 5;
      const low = pool.readUInt32LE(used + 4) >>> 6;
      used += 8;
      return (high * 2 ** 26 + low) / 2 ** 53;
    },
  };
}
