import { crc32 } from 'node:zlib';

import type { Shape } from '../target.ts';
import { changeBytes } from './bytes.ts';

export const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');

/** A PNG whose chunks have right checksums again: a reader looks beyond them only then. */
export function mendPng(input: Uint8Array): Uint8Array {
  const bytes = Buffer.from(input);
  if (!bytes.subarray(0, 8).equals(pngSignature)) return bytes;
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return bytes;
}

/** The width and the height of a PNG, or of any picture, are most often in its first bytes. */
function changeHead(input: Uint8Array, source: Parameters<Shape['mutate']>[1]): Uint8Array {
  const head = 64;
  const changed = changeBytes(input.subarray(0, head), source);
  return Buffer.concat([changed, input.subarray(head)]);
}

/** Picture files: headers change more often than what follows, and PNG's checksums stay right. */
export const pictureShape: Shape = {
  mutate(input, source) {
    const inHead = source.random.chance(0.5);
    return mendPng(inHead ? changeHead(input, source) : changeBytes(input, source));
  },
};
