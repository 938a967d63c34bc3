import { crc32 } from 'node:zlib';

import { isFoyerError, type Heartbeat } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { decodeFrame, encodeFrame, FrameReader } from './frame.ts';

const lane = (node: string, lastSeq: number): Heartbeat['lanes'][number] => {
  return { node, incarnation: '0011223344556677', lane: 'ledger', lastSeq, durableSeq: 0 };
};

const epoch = '24a58587-57fd-4cac-aecc-37ead7b4f450';

const heartbeat = (change: Partial<Heartbeat> = {}): Heartbeat => ({
  type: 'heartbeat',
  boot: 3,
  wallMs: 1_767_225_600_000,
  recovering: false,
  feeds: [{ feed: 'house', epoch, cursor: 4 }],
  lanes: [lane('gate-1', 7), lane('gate-2', 8)],
  configEpochs: [1],
  upstream: 'theatre',
  ...change,
});

function frameOf(json: string): Buffer {
  const body = Buffer.from(json);
  const header = Buffer.from([1, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(crc32(body), 2);
  return Buffer.concat([header, body]);
}

test('a heartbeat is read as it was sent, the first time and when only the time changed', () => {
  const reader = new FrameReader();
  const { lanes, feeds } = heartbeat();
  for (const at of [0, 1, 2, 3]) {
    const sent = heartbeat({ lanes, feeds, boot: 3 + (at >> 1), wallMs: 1000 * 10 ** at });
    const frame = encodeFrame(sent);
    expect(reader.read(frame)).toEqual(sent);
    expect(decodeFrame(frame)).toEqual(sent);
  }
});

test('what a peer says again is the same list; whatever else changes is read anew', () => {
  const reader = new FrameReader();
  const first = reader.read(encodeFrame(heartbeat())) as Heartbeat;
  const again = reader.read(encodeFrame(heartbeat({ wallMs: 5 }))) as Heartbeat;
  expect(again.lanes).toBe(first.lanes);
  const changes: Partial<Heartbeat>[] = [
    { lanes: [lane('gate-1', 7), lane('gate-2', 9)] },
    { feeds: [] },
    { recovering: true },
    { upstream: 'none' },
    { configEpochs: [2, 1] },
  ];
  for (const change of changes) {
    expect(reader.read(encodeFrame(heartbeat(change)))).toEqual(heartbeat(change));
    expect(reader.read(encodeFrame(heartbeat()))).toEqual(heartbeat());
  }
});

test('a damaged or forged head is refused though the rest is known', () => {
  const reader = new FrameReader();
  reader.read(encodeFrame(heartbeat()));
  const json = JSON.stringify(heartbeat());
  const code = (text: string): string => {
    try {
      reader.read(frameOf(text));
    } catch (error) {
      return isFoyerError(error) ? error.code : 'not ours';
    }
    return 'read';
  };
  expect(code(json)).toBe('read');
  expect(code(json.replace('"boot":3', '"boot":0'))).toBe('unparsable');
  expect(code(json.replace('"boot":3', '"boot":03'))).toBe('unparsable');
  expect(code(json.replace('1767225600000', '9640000000000000'))).toBe('unparsable');
  expect(code(json.replace('1767225600000', '-5'))).toBe('unparsable');
  expect(code(json.slice(0, -1))).toBe('unparsable');
  const bent = encodeFrame(heartbeat({ wallMs: 9 }));
  bent[20] = (bent[20] ?? 0) ^ 1;
  expect(() => reader.read(bent)).toThrow('checksum');
});

test('a heartbeat is compressed only where a theatre is so large that it must be', () => {
  const few = encodeFrame(heartbeat(), 'br');
  expect(few[1]).toBe(0);
  const many = heartbeat({ lanes: Array.from({ length: 200 }, (_, n) => lane(`gate-${n}`, n)) });
  const packed = encodeFrame(many, 'br');
  expect(packed[1]).toBe(1);
  const reader = new FrameReader();
  expect([reader.read(packed), reader.read(packed)]).toEqual([many, many]);
});
