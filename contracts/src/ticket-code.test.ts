import { createPublicKey, verify } from 'node:crypto';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import fixtures from '../fixtures/ticket-codes.json' with { type: 'json' };
import { entriesOf, theatreNoOf } from './ids.ts';
import {
  formatTicketCode,
  fromBase45,
  packCore,
  parseTicketCode,
  ticketKinds,
  toBase45,
  type TicketKind,
} from './ticket-code.ts';

const publicKey = createPublicKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: fixtures.publicKey },
  format: 'jwk',
});

test.each(fixtures.codes)('a $kind code is read, and its signature holds', (golden) => {
  const parsed = parseTicketCode(golden.text);
  if (parsed.outcome !== 'code') throw new Error(`It is ${parsed.outcome}.`);
  const { code } = parsed;
  const { kind, keyId, ticketId, showNo } = golden;
  expect(code).toMatchObject({ kind, keyId, ticketId, showNo });
  expect(theatreNoOf(code.ticketId)).toBe(golden.theatreNo);
  expect(entriesOf(code.ticketId)).toBe(golden.entries);
  expect(code.stepCode === null ? undefined : Buffer.from(code.stepCode).toString('hex')).toBe(
    golden.stepCode,
  );
  expect(verify(null, code.core, publicKey, code.signature)).toBe(true);
  expect(formatTicketCode(code.core, code.signature, code.stepCode ?? undefined)).toBe(golden.text);
});

test('a static code fits QR version 5 at level M, a rotating one version 6', () => {
  for (const { text, kind } of fixtures.codes) {
    // What these versions hold of alphanumeric characters: ISO/IEC 18004, table 7.
    expect(text.length).toBeLessThanOrEqual(kind === 'rotating' ? 154 : 122);
    expect(text).toMatch(/^[0-9A-Z $%*+\-./:]+$/);
  }
});

test.each(fixtures.malformed)('ours by its prefix, but malformed: $why', ({ text }) => {
  expect(parseTicketCode(text)).toEqual({ outcome: 'malformed' });
});

test.each(fixtures.notOurs)('not ours, hence ignored: %j', (text) => {
  expect(parseTicketCode(text)).toEqual({ outcome: 'not-ours' });
});

test("Base45 is RFC 9285's", () => {
  // The examples of its section 4.3.
  const examples = {
    AB: 'BB8',
    'Hello!!': '%69 VD92EX0',
    'base-45': 'UJCLQE7W581',
    'ietf!': 'QED8WEX0',
  };
  for (const [text, encoded] of Object.entries(examples)) {
    expect(toBase45(Buffer.from(text))).toBe(encoded);
    expect(Buffer.from(fromBase45(encoded) ?? []).toString()).toBe(text);
  }
});

test('any bytes survive Base45', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(fromBase45(toBase45(bytes))).toEqual(bytes);
    }),
  );
});

test('a text is the Base45 of one thing or of nothing', () => {
  const characters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:aé'.split('');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...characters), maxLength: 60 }), (text) => {
      const bytes = fromBase45(text);
      if (bytes !== null) expect(toBase45(bytes)).toBe(text);
    }),
  );
});

const codes = fc.record({
  kind: fc.constantFrom<TicketKind>(...ticketKinds),
  keyId: fc.integer({ min: 0, max: 255 }),
  ticketId: fc.stringMatching(/^[0-9a-f]{16}$/),
  showNo: fc.integer({ min: 1, max: 0xffff_ffff }),
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  stepCode: fc.option(fc.uint8Array({ minLength: 6, maxLength: 6 })),
});

test('any code is read as it was written', () => {
  fc.assert(
    fc.property(codes, ({ signature, stepCode, ...ticket }) => {
      const core = packCore(ticket);
      const text = formatTicketCode(core, signature, stepCode ?? undefined);
      expect(parseTicketCode(text)).toEqual({
        outcome: 'code',
        code: { ...ticket, core, signature, stepCode },
      });
    }),
  );
});

test('garbage behind the prefix never throws, and is a code only if it is written just so', () => {
  const garbage = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.uint8Array({ minLength: 70, maxLength: 90 }).map((bytes) => toBase45(bytes)),
  );
  fc.assert(
    fc.property(garbage, (rest) => {
      const parsed = parseTicketCode(`F1:${rest}`);
      if (parsed.outcome !== 'code') return;
      const { core, signature, stepCode } = parsed.code;
      expect(formatTicketCode(core, signature, stepCode ?? undefined)).toBe(`F1:${rest}`);
      expect(packCore(parsed.code)).toEqual(core);
    }),
  );
});

test('a changed character changes the signed bytes: it cannot pass for the same ticket', () => {
  const { text } = fixtures.codes[0] ?? { text: '' };
  fc.assert(
    fc.property(fc.integer({ min: 3, max: text.length - 1 }), (at) => {
      const other = text[at] === '0' ? '1' : '0';
      const parsed = parseTicketCode(text.slice(0, at) + other + text.slice(at + 1));
      if (parsed.outcome !== 'code') return;
      expect(verify(null, parsed.code.core, publicKey, parsed.code.signature)).toBe(false);
    }),
  );
});
