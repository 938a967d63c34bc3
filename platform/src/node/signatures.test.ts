import { expect, test } from 'vitest';

import {
  ed25519Signer,
  equalBytes,
  rotatingStepAt,
  rotatingStepCode,
  rotatingTicketKey,
  sha256,
  sha256Hex,
  sha256Int48,
  stepCodeOfTicketKey,
  verifyEd25519,
} from './signatures.ts';

const base64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');

// RFC 8032, 7.1, test 3.
const rfc = {
  seed: base64url('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7'),
  publicKey: base64url('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'),
  message: Buffer.from('af82', 'hex'),
  signature:
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
    '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
};

test('signatures are those of RFC 8032', () => {
  const signer = ed25519Signer(rfc.seed);
  expect(signer.publicKey).toBe(rfc.publicKey);
  const signature = signer.sign(rfc.message);
  expect(Buffer.from(signature).toString('hex')).toBe(rfc.signature);
  expect(verifyEd25519(rfc.publicKey, rfc.message, signature)).toBe(true);
});

test('another message, another key and any turned bit do not verify', () => {
  const signature = Buffer.from(rfc.signature, 'hex');
  expect(verifyEd25519(rfc.publicKey, Buffer.from('af83', 'hex'), signature)).toBe(false);
  const stranger = ed25519Signer(Buffer.alloc(32, 1).toString('base64url'));
  expect(verifyEd25519(stranger.publicKey, rfc.message, signature)).toBe(false);
  for (let byte = 0; byte < 64; byte += 1) {
    const changed = Buffer.from(signature);
    changed[byte] = (changed[byte] ?? 0) ^ 4;
    expect(verifyEd25519(rfc.publicKey, rfc.message, changed)).toBe(false);
  }
  expect(verifyEd25519(rfc.publicKey, rfc.message, signature.subarray(0, 63))).toBe(false);
});

test('a key of another length is a clear error', () => {
  expect(() => ed25519Signer('AAAA')).toThrow(/32 bytes in base64url/);
  expect(() => verifyEd25519('', rfc.message, Buffer.alloc(64))).toThrow(/public key/);
});

test("a rotating code depends on the show's key, the ticket and the step, and has 6 bytes", () => {
  const showKey = Buffer.alloc(32, 7).toString('base64url');
  const other = Buffer.alloc(32, 8).toString('base64url');
  const step = rotatingStepAt(1_767_225_600_000);
  expect(step).toBe(117_815_040);
  expect(rotatingStepAt(1_767_225_614_999)).toBe(step);
  const code = rotatingStepCode(showKey, 'fffff00000000001', step);
  const texts = [
    code,
    rotatingStepCode(other, 'fffff00000000001', step),
    rotatingStepCode(showKey, 'fffff00000000002', step),
    rotatingStepCode(showKey, 'fffff00000000001', step + 1),
  ].map((bytes) => Buffer.from(bytes).toString('hex'));
  expect(new Set(texts).size).toBe(4);
  expect(texts.every((text) => text.length === 12)).toBe(true);
  const ticketKey = rotatingTicketKey(showKey, 'fffff00000000001');
  expect(equalBytes(stepCodeOfTicketKey(ticketKey, step), code)).toBe(true);
  expect(equalBytes(code, code.subarray(1))).toBe(false);
});

test('hashes', () => {
  // FIPS 180-2, appendix B.1.
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256('abc').toString('hex')).toBe(abc);
  expect(sha256Hex(Buffer.from('abc'))).toBe(abc);
  expect(sha256Int48('abc')).toBe(0xba7816bf8f01);
});
