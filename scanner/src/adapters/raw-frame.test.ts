import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';

import { expect, it } from 'vitest';

import { readRawFrame } from './raw-frame.ts';

function requestOf(parts: readonly number[][], told?: number): IncomingMessage {
  const stream = Readable.from(
    parts.map((part) => Buffer.from(part)),
    { objectMode: false },
  );
  const headers = told === undefined ? {} : { 'content-length': String(told) };
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
}

it('puts a frame together from its parts, whether its size was told or not', async () => {
  const parts = [[1, 2, 3], [4], [5, 6]];
  for (const told of [6, undefined]) {
    const frame = await readRawFrame(requestOf(parts, told), 3, 2, 100);
    expect(frame).toEqual({ data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 3, height: 2 });
  }
});

it('refuses fewer and more bytes than the pixels, and sizes that are none', async () => {
  const refusals = [
    readRawFrame(requestOf([[1, 2, 3]]), 2, 2, 100),
    readRawFrame(
      requestOf([
        [1, 2, 3],
        [4, 5],
      ]),
      2,
      2,
      100,
    ),
    readRawFrame(requestOf([[1, 2, 3]], 3), 2, 2, 100),
    readRawFrame(requestOf([[1]]), Number.NaN, 2, 100),
    readRawFrame(requestOf([[1]]), -1, -1, 100),
    readRawFrame(requestOf([[1]]), 0.5, 2, 100),
  ];
  for (const refusal of refusals) {
    await expect(refusal).rejects.toMatchObject({ code: 'image-unreadable' });
  }
});

it('reserves no memory beyond its bound', async () => {
  const wide = readRawFrame(requestOf([[1]]), 1_000_000, 1_000_000, 100);
  await expect(wide).rejects.toMatchObject({ code: 'body-too-large' });
});

it('leaves a request whole that it refuses, so that it can be answered', async () => {
  const request = requestOf([[1, 2, 3], [4, 5], [6]]);
  await expect(readRawFrame(request, 2, 2, 100)).rejects.toMatchObject({
    code: 'image-unreadable',
  });
  expect(request.destroyed).toBe(false);
});
