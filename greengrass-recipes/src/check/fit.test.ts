import { expect, test } from 'vitest';

import { unfitReason, type Built, type Machine } from './fit.ts';

const built: Built = { node: 'v20.20.2', modules: '115', arch: 'arm64', glibc: [2, 34] };
const box: Machine = { node: 'v20.19.0', modules: '115', arch: 'arm64', glibc: '2.36' };

test('a box with the same ABI, processor and a glibc as new fits', () => {
  expect(unfitReason(built, box)).toBeNull();
  expect(unfitReason(built, { ...box, glibc: '2.34' })).toBeNull();
  expect(unfitReason({ ...built, glibc: null }, { ...box, glibc: null })).toBeNull();
});

test.each([
  [{ arch: 'x64' }, /for arm64, and Node here is for x64: install Node for arm64/],
  [{ node: 'v24.1.0', modules: '137' }, /for Node 20, and here is v24\.1\.0: install Node 20/],
  [{ glibc: '2.31' }, /needs glibc 2\.34, and here is 2\.31/],
  [{ glibc: null }, /needs glibc 2\.34, and here is none/],
])('%o does not fit, and the sentence says what to do', (other, sentence) => {
  expect(unfitReason(built, { ...box, ...other })).toMatch(sentence);
});
