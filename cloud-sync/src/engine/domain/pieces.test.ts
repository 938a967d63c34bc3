import fc from 'fast-check';
import { expect, test } from 'vitest';

import { cutFrame, PieceGatherer } from './pieces.ts';

const frames = fc.uint8Array({ minLength: 30, maxLength: 4000 }).map((bytes) => {
  // The second byte says what a payload is; this one is no piece.
  bytes[1] = 0;
  return bytes;
});

test('a frame comes together from its pieces, in any order and however often they come', () => {
  fc.assert(
    fc.property(
      frames,
      fc.integer({ min: 24, max: 600 }),
      fc.array(fc.nat(), { minLength: 1200, maxLength: 1200 }),
      (frame, maxBytes, numbers) => {
        const pieces = cutFrame(frame, maxBytes);
        expect(Math.max(...pieces.map(({ byteLength }) => byteLength))).toBeLessThanOrEqual(
          maxBytes,
        );
        const gatherer = new PieceGatherer();
        const sent = [...pieces, ...pieces.slice(0, -1)].map((piece, n) => ({
          piece,
          at: numbers[n] ?? 0,
        }));
        const got = sent
          .toSorted((a, b) => a.at - b.at)
          .map(({ piece }) => gatherer.take(piece))
          .filter((whole) => whole !== null);
        expect(got.length).toBeGreaterThanOrEqual(1);
        for (const whole of got) expect(Buffer.from(whole)).toEqual(Buffer.from(frame));
      },
    ),
  );
});

test('a frame that fits is sent as it is', () => {
  const frame = Buffer.alloc(100, 1);
  expect(cutFrame(frame, 100)).toEqual([frame]);
  expect(new PieceGatherer().take(frame)).toBe(frame);
});

test('a lost piece is made good by the same one when all are sent again', () => {
  const frame = Buffer.alloc(1000, 7);
  const gatherer = new PieceGatherer();
  const [, ...others] = cutFrame(frame, 200);
  for (const piece of others) expect(gatherer.take(piece)).toBeNull();
  expect(gatherer.take(cutFrame(frame, 200)[0] ?? frame)).toEqual(frame);
});

test('damaged and false pieces are refused; what a peer may leave unfinished is bounded', () => {
  const gatherer = new PieceGatherer();
  const [piece = Buffer.alloc(0)] = cutFrame(Buffer.alloc(500, 3), 200);
  const damaged = Buffer.from(piece);
  damaged[100] = 1;
  expect(() => gatherer.take(damaged)).toThrow(/checksum/);
  expect(() => gatherer.take(piece.subarray(0, 12))).toThrow(/holds nothing/);
  expect(() => cutFrame(Buffer.alloc(1_100_000), 200)).toThrow(/not cut/);
  const first = cutFrame(Buffer.alloc(500, 4), 300);
  expect(gatherer.take(first[0] ?? piece)).toBeNull();
  for (let n = 0; n < 4; n += 1)
    gatherer.take(cutFrame(Buffer.alloc(400, 10 + n), 300)[0] ?? piece);
  expect(gatherer.take(first[1] ?? piece)).toBeNull();
});
