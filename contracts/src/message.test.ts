import { brotliDecompressSync, crc32 } from 'node:zlib';

import { expect, test } from 'vitest';

import fixtures from '../fixtures/frames.json' with { type: 'json' };
import { bodyCodings, frameHeaderBytes, messageSchema } from './message.ts';
import { protocolVersion } from './protocol-version.ts';

test.each(fixtures.valid)('a $coding frame is laid out as agreed', ({ hex, coding, message }) => {
  const frame = Buffer.from(hex, 'hex');
  const body = frame.subarray(frameHeaderBytes);
  expect(frame[0]).toBe(protocolVersion);
  expect(frame[1]).toBe(coding === 'json' ? bodyCodings.json : bodyCodings.brotli);
  expect(frame.readUInt32BE(2)).toBe(crc32(body));
  const json = coding === 'json' ? body : brotliDecompressSync(body);
  expect(messageSchema.parse(JSON.parse(json.toString()))).toEqual(message);
});

test('each damaged frame says which error it must meet', () => {
  for (const { code } of fixtures.invalid) {
    expect(['damaged-frame', 'unparsable', 'unsupported-version']).toContain(code);
  }
});
