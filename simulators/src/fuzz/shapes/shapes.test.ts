import { decodeFrame, encodeFrame } from '@foyer/cloud-sync/engine';
import { SimRandom } from '@foyer/platform/sim';
import { expect, test } from 'vitest';

import { messageExamples } from '../examples.ts';
import { isAnswer, type MutationSource, type Shape } from '../target.ts';
import { changeBytes } from './bytes.ts';
import { frameShape } from './frames.ts';
import { httpShape, requestOf } from './http.ts';
import { jsonShape } from './json.ts';
import { listShape, packList, unpackList } from './list.ts';

function sourceOf(others: readonly Uint8Array[], words: readonly string[] = ['word']) {
  const random = new SimRandom(3);
  return { random, words, other: () => random.pick(others) } satisfies MutationSource;
}

/** How many of `count` mutations hold. */
function count(shape: Shape, seed: Uint8Array, holds: (input: Uint8Array) => boolean): number {
  const source = sourceOf([seed]);
  let held = 0;
  for (let n = 0; n < 400; n += 1) if (holds(shape.mutate(seed, source))) held += 1;
  return held;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

test('the same seed makes the same changes', () => {
  const make = (): string[] => {
    const source = sourceOf([Buffer.from('other')]);
    return Array.from({ length: 50 }, () => textOf(changeBytes(Buffer.from('input'), source)));
  };
  expect(make()).toEqual(make());
  expect(new Set(make()).size).toBeGreaterThan(25);
});

test('most changes of a JSON text are JSON again, and some of them are deep', () => {
  const seed = Buffer.from(JSON.stringify({ a: [1, { b: 'text' }], c: null }));
  const isJson = (input: Uint8Array): boolean => {
    try {
      JSON.parse(textOf(input));
      return true;
    } catch {
      return false;
    }
  };
  expect(count(jsonShape, seed, isJson)).toBeGreaterThan(300);
  expect(count(jsonShape, seed, (input) => textOf(input).includes('['.repeat(50)))).toBeGreaterThan(
    0,
  );
});

test('changed frames mostly get beyond the checksum, and some are messages', () => {
  const [message] = messageExamples().all;
  if (message === undefined) throw new Error('no example');
  const seed = encodeFrame(message);
  const damaged = (input: Uint8Array): boolean => {
    try {
      decodeFrame(input);
      return false;
    } catch (error) {
      expect(isAnswer(error)).toBe(true);
      return String(error).includes('checksum');
    }
  };
  expect(count(frameShape, seed, damaged)).toBeLessThan(60);
  expect(count(frameShape, seed, (input) => !Buffer.from(input).equals(seed))).toBeGreaterThan(350);
});

test('requests keep the right length of a changed body', () => {
  const seed = requestOf('POST', '/v1/scans', { text: 'a', more: [1, 2] });
  const sound = (input: Uint8Array): boolean => {
    const [head = '', ...rest] = Buffer.from(input).toString('latin1').split('\r\n\r\n');
    const told = /content-length: (\d+)/i.exec(head)?.[1];
    return Number(told ?? 0) === rest.join('\r\n\r\n').length;
  };
  expect(count(httpShape, seed, sound)).toBeGreaterThan(300);
});

test('lists come back as they were packed, and stay lists', () => {
  const parts = ['one', '', 'three'].map((text) => Buffer.from(text));
  expect(unpackList(packList(parts)).map(textOf)).toEqual(['one', '', 'three']);
  expect(unpackList(packList(parts).subarray(0, 5)).map(textOf)).toEqual(['o']);
  const shape = listShape({ mutate: (input) => input }, 5);
  const source = sourceOf([packList(parts)]);
  for (let n = 0; n < 100; n += 1) {
    expect(unpackList(shape.mutate(packList(parts), source)).length).toBeLessThanOrEqual(5);
  }
});
