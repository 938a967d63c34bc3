import { X509Certificate } from 'node:crypto';

import { expect, test } from 'vitest';

import { issueNode, makeTestCa } from '../testing/certificates.ts';
import { judgePlaySeal, signPlaySeal } from './play-seal.ts';

const ca = makeTestCa();
const chain = { node: 'screen-1', seq: 41, hash: 'a'.repeat(32) };
const own = issueNode(ca, 7, 'screen-1', 'screen');
const expected = { theatreNo: 7, authorities: [new X509Certificate(ca.ca)] };
const sealed = signPlaySeal(chain, own);

test('a seal of the node itself, under its theatre’s authority, is sound', () => {
  expect(judgePlaySeal(chain, sealed, expected)).toBeNull();
  expect(judgePlaySeal(chain, sealed, { ...expected, authorities: [] })).toBeNull();
});

test('what was signed is the node, the number and the hash: none can be exchanged', () => {
  for (const other of [{ seq: 42 }, { hash: 'b'.repeat(32) }]) {
    expect(judgePlaySeal({ ...chain, ...other }, sealed, expected)).toBe('signature-wrong');
  }
  expect(judgePlaySeal({ ...chain, node: 'screen-2' }, sealed, expected)).toBe('other-node');
  expect(judgePlaySeal(chain, sealed, { ...expected, theatreNo: 8 })).toBe('other-node');
});

test('a certificate of another authority, or none, seals nothing', () => {
  const forged = signPlaySeal(chain, issueNode(makeTestCa('other'), 7, 'screen-1', 'screen'));
  expect(judgePlaySeal(chain, forged, expected)).toBe('other-authority');
  const garbage = { ...sealed, certificate: 'bm90IGEgY2VydA==' };
  expect(judgePlaySeal(chain, garbage, expected)).toBe('certificate-unreadable');
  const borrowed = { ...forged, certificate: sealed.certificate };
  expect(judgePlaySeal(chain, borrowed, expected)).toBe('signature-wrong');
});
