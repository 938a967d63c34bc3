import { brotliCompressSync, crc32 } from 'node:zlib';

import { isFoyerError, maxNesting, maxUnpackedBytes, type Message } from '@foyer/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { decodeFrame, encodeFrame } from './frame.ts';

const hint: Message = {
  type: 'hint',
  feed: 'tickets',
  epoch: '24a58587-57fd-4cac-aecc-37ead7b4f450',
  head: 5,
};

const push: Message = {
  type: 'push',
  node: 'gate-1',
  incarnation: '0011223344556677',
  lane: 'ledger',
  since: 0,
  prevHash: '0'.repeat(32),
  events: Array.from({ length: 50 }, (_, n) => {
    return { seq: n + 1, eventId: '24a58587-57fd-4cac-aecc-37ead7b4f450', body: '{"n":1}' };
  }),
};

function frameOf(coding: number, body: Uint8Array, version = 1): Buffer {
  const header = Buffer.alloc(6);
  header[0] = version;
  header[1] = coding;
  header.writeUInt32BE(crc32(body), 2);
  return Buffer.concat([header, body]);
}

function codeOf(bytes: Uint8Array): string {
  try {
    decodeFrame(bytes);
  } catch (error) {
    return isFoyerError(error) ? error.code : 'not ours';
  }
  return 'none';
}

test('a message comes back as it was, compressed only where that saves something', () => {
  expect(decodeFrame(encodeFrame(hint, 'br'))).toEqual(hint);
  expect(encodeFrame(hint, 'br')[1]).toBe(0);
  const packed = encodeFrame(push, 'br');
  expect(packed[1]).toBe(1);
  expect(packed.byteLength).toBeLessThan(encodeFrame(push).byteLength / 4);
  expect(decodeFrame(packed)).toEqual(push);
});

test('what would exceed a link is compressed, though it is a heartbeat', () => {
  const lane = { node: 'gate-1', incarnation: '0011223344556677', lane: 'ledger' } as const;
  const heartbeat: Message = {
    type: 'heartbeat',
    boot: 1,
    wallMs: 1,
    recovering: false,
    configEpochs: [],
    upstream: 'none',
    feeds: [],
    lanes: Array.from({ length: 30 }, (_, n) => ({ ...lane, lastSeq: n, durableSeq: n })),
  };
  expect(encodeFrame(heartbeat, 'br')[1]).toBe(0);
  const packed = encodeFrame(heartbeat, 'br', 2000);
  expect(packed.byteLength).toBeLessThan(2000);
  expect(decodeFrame(packed)).toEqual(heartbeat);
});

test.each([
  ['unparsable', 'too short', Buffer.from([1, 0, 0])],
  ['unsupported-version', 'of a newer version', frameOf(0, Buffer.from('{}'), 9)],
  ['unparsable', 'of an unknown coding', frameOf(7, Buffer.from('{}'))],
  ['unparsable', 'no JSON', frameOf(0, Buffer.from('{'))],
  ['unparsable', 'no message of ours', frameOf(0, Buffer.from('{"type":"coffee"}'))],
  ['unparsable', 'no brotli', frameOf(1, Buffer.from('no brotli'))],
  [
    'payload-too-large',
    'a bomb',
    frameOf(1, brotliCompressSync(Buffer.alloc(maxUnpackedBytes + 1))),
  ],
] as const)('refuses as %s what is %s', (code, _, bytes) => {
  expect(codeOf(bytes)).toBe(code);
});

test('a value that nests deeply is refused, and exhausts no stack', () => {
  const nested = (depth: number): Buffer => {
    const value = '['.repeat(depth) + ']'.repeat(depth);
    const state = '{"type":"live-state","node":"gate-2","topic":"a","version":1,"atMs":5,"value":';
    return frameOf(0, Buffer.from(`${state}${value}}`));
  };
  expect(codeOf(nested(maxNesting - 1))).toBe('none');
  for (const depth of [maxNesting, 4000, 100_000]) expect(codeOf(nested(depth))).toBe('unparsable');
});

test('any one flipped bit is noticed', () => {
  const frame = Buffer.from(encodeFrame(push, 'br'));
  fc.assert(
    fc.property(fc.integer({ min: 8, max: frame.byteLength * 8 - 1 }), (bit) => {
      const damaged = Buffer.from(frame);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(['damaged-frame', 'unparsable']).toContain(codeOf(damaged));
    }),
  );
});

test('whatever the bytes are, only errors of ours come out', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, framed) => {
      expect(codeOf(framed ? frameOf((bytes[0] ?? 0) & 1, bytes) : bytes)).not.toBe('not ours');
    }),
  );
});
