import { expect, test } from 'vitest';

import { deltaOf, updateShadow, type JsonObject } from './shadow-document.ts';

const shadow = (desired: JsonObject, reported: JsonObject, version = 3) => ({
  desired,
  reported,
  version,
});

test('an update merges objects, replaces the rest, and null takes a name away', () => {
  const known = shadow({ a: { x: 1, y: 2 }, list: [1, 2], gone: 1 }, { a: 1 });
  const request = { state: { desired: { a: { y: 3 }, list: [3], gone: null } } };
  expect(updateShadow(known, request)).toMatchObject({
    shadow: shadow({ a: { x: 1, y: 3 }, list: [3] }, { a: 1 }, 4),
  });
});

test('the delta is what is desired and not reported so', () => {
  const known = shadow({ a: { x: 1, y: 2 }, b: 1, c: 1 }, { a: { x: 1 }, b: 1, d: 4 });
  expect(deltaOf(known)).toEqual({ a: { y: 2 }, c: 1 });
});

test.each([
  ['another version', { state: { reported: {} }, version: 2 }, 409],
  ['no state', { reported: {} }, 400],
  ['nine levels', { state: { reported: nested(9) } }, 400],
  ['more than 8 KB', { state: { reported: { a: 'x'.repeat(9000) } } }, 413],
])('%s is refused', (_name, request, code) => {
  expect(updateShadow(shadow({}, {}), request)).toMatchObject({ code });
});

function nested(levels: number): JsonObject {
  return levels === 0 ? {} : { a: nested(levels - 1) };
}
