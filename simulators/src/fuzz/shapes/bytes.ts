import type { SimRandom } from '@foyer/platform/sim';

import type { MutationSource, Shape } from '../target.ts';

/** Values at the limits of the integers that formats are made of. */
const edges = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000,
  0xffff_ffff,
];

type Change = (input: Buffer, source: MutationSource) => Buffer;

function place(input: Uint8Array, random: SimRandom): number {
  return random.int(input.length + 1);
}

function replaced(input: Buffer, from: number, to: number, by: Uint8Array): Buffer {
  return Buffer.concat([input.subarray(0, from), by, input.subarray(to)]);
}

function flip(input: Buffer, { random }: MutationSource): Buffer {
  const copy = Buffer.from(input);
  for (let times = 1 + random.int(4); times > 0; times -= 1) {
    const at = random.int(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.int(8));
  }
  return copy;
}

function setByte(input: Buffer, { random }: MutationSource): Buffer {
  const copy = Buffer.from(input);
  copy[random.int(copy.length)] = random.int(256);
  return copy;
}

function setInteger(input: Buffer, { random }: MutationSource): Buffer {
  const size = random.pick([1, 2, 4, 8]);
  if (input.length < size) return input;
  const number = Buffer.alloc(8);
  const value = random.pick(edges);
  if (random.chance(0.5)) number.writeUInt32BE(value, 8 - Math.max(4, size / 2));
  else number.writeUInt32LE(value, 0);
  const at = random.int(input.length - size + 1);
  const bytes = random.chance(0.5) ? number.subarray(8 - size) : number.subarray(0, size);
  return replaced(input, at, at + size, bytes);
}

function insert(input: Buffer, { random }: MutationSource): Buffer {
  const at = place(input, random);
  return replaced(input, at, at, random.bytes(1 + random.int(8)));
}

function remove(input: Buffer, { random }: MutationSource): Buffer {
  const from = place(input, random);
  return replaced(input, from, from + 1 + random.int(16), new Uint8Array());
}

function truncate(input: Buffer, { random }: MutationSource): Buffer {
  return input.subarray(0, place(input, random));
}

function repeat(input: Buffer, { random }: MutationSource): Buffer {
  const from = place(input, random);
  const part = input.subarray(from, from + 1 + random.int(32));
  const times = random.chance(0.05) ? 1 + random.int(1000) : 1 + random.int(8);
  return replaced(input, from, from, Buffer.concat(Array.from({ length: times }, () => part)));
}

function splice(input: Buffer, { random, other }: MutationSource): Buffer {
  const donor = other();
  const begin = place(donor, random);
  const part = donor.subarray(begin, begin + 1 + random.int(donor.length - begin + 1));
  const at = place(input, random);
  return replaced(input, at, random.chance(0.5) ? at : at + part.length, part);
}

function word(input: Buffer, { random, words }: MutationSource): Buffer {
  if (words.length === 0) return input;
  const bytes = Buffer.from(random.pick(words));
  const at = place(input, random);
  return replaced(input, at, random.chance(0.5) ? at : at + bytes.length, bytes);
}

const changes: readonly Change[] = [
  flip,
  flip,
  setByte,
  setInteger,
  setInteger,
  insert,
  remove,
  truncate,
  repeat,
  splice,
  word,
  word,
];

/** One bytewise change; an empty input grows first. */
export function changeBytes(input: Uint8Array, source: MutationSource): Uint8Array {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  const change = bytes.length === 0 ? insert : source.random.pick(changes);
  return change(bytes, source);
}

/** Bytes without a form that is worth keeping. */
export const bytesShape: Shape = { mutate: changeBytes };
