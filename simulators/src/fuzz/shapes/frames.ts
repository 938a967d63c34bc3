import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from 'node:zlib';

import { bodyCodings, frameHeaderBytes, maxUnpackedBytes } from '@foyer/contracts';

import type { MutationSource, Shape } from '../target.ts';
import { changeBytes } from './bytes.ts';
import { changeJson } from './json.ts';

/** A frame with this body and a right checksum, whatever the body is. */
export function frameOf(body: Uint8Array, coding: number, version = 1): Uint8Array {
  const frame = Buffer.alloc(frameHeaderBytes + body.byteLength);
  frame[0] = version;
  frame[1] = coding;
  frame.writeUInt32BE(crc32(body), 2);
  frame.set(body, frameHeaderBytes);
  return frame;
}

function bodyOf(frame: Uint8Array): Uint8Array | null {
  if (frame.length <= frameHeaderBytes) return null;
  const body = frame.subarray(frameHeaderBytes);
  if (frame[1] !== bodyCodings.brotli) return body;
  try {
    return brotliDecompressSync(body, { maxOutputLength: maxUnpackedBytes });
  } catch {
    return null;
  }
}

// Fuzzing is to spend its time in what reads the bytes, not in what packs them.
function pack(body: Uint8Array): Uint8Array {
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
}

/** What a few bytes can stand for: repeated blanks around a body. */
function bomb(body: Uint8Array, source: MutationSource): Uint8Array {
  const blanks = Buffer.alloc(source.random.int(2 * maxUnpackedBytes), 0x20);
  return pack(Buffer.concat([body, blanks]));
}

/** Frames of links: the message in it changes as a tree, and the checksum stays right. */
export const frameShape: Shape = {
  mutate(input, source) {
    const { random } = source;
    const body = bodyOf(input);
    if (body === null || random.chance(0.05)) return changeBytes(input, source);
    const changed = random.chance(0.85)
      ? (changeJson(body, { ...source, other: () => bodyOf(source.other()) ?? body }) ?? body)
      : changeBytes(body, source);
    if (random.chance(0.0005)) return frameOf(bomb(changed, source), bodyCodings.brotli);
    if (random.chance(0.9)) return frameOf(changed, bodyCodings.json);
    if (random.chance(0.8)) return frameOf(pack(changed), bodyCodings.brotli);
    return frameOf(changed, random.int(4), random.int(4));
  },
};
