import { existsSync, readFileSync } from 'node:fs';

/**
 * Reads records of B-tree pages straight from the bytes of a SQLite file and its WAL, where SQLite
 * itself no longer opens it. Layout: "Database File Format", sqlite.org/fileformat2.html.
 */

export type CarvedValue = number | string | Uint8Array | null;

const leafIndexPage = 0x0a;
const interiorIndexPage = 0x02;
const walHeaderBytes = 32;
const walFrameHeaderBytes = 24;
const smallestPageBytes = 512;
/** What this program writes; taken where the header is lost. */
const usualPageBytes = 4096;

interface Varint {
  value: number;
  next: number;
}

function varint(bytes: Buffer, at: number): Varint | null {
  let value = 0;
  for (let n = 0; n < 9; n += 1) {
    const byte = bytes[at + n];
    if (byte === undefined) return null;
    if (n === 8) return { value: value * 256 + byte, next: at + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + n + 1 };
  }
  return null;
}

const integerBytes = [0, 1, 2, 3, 4, 6, 8];

function valueAt(bytes: Buffer, at: number, type: number): { value: CarvedValue; next: number } {
  if (type === 0) return { value: null, next: at };
  if (type === 8 || type === 9) return { value: type - 8, next: at };
  if (type === 7) return { value: bytes.readDoubleBE(at), next: at + 8 };
  const size = integerBytes[type];
  if (size === 8) return { value: Number(bytes.readBigInt64BE(at)), next: at + 8 };
  if (size !== undefined) return { value: bytes.readIntBE(at, size), next: at + size };
  const length = Math.floor((type - 12) / 2);
  const slice = bytes.subarray(at, at + length);
  if (slice.length < length) throw new RangeError('A value reaches beyond its record.');
  return { value: type % 2 === 0 ? slice : slice.toString('utf8'), next: at + length };
}

function recordOf(payload: Buffer): CarvedValue[] | null {
  const header = varint(payload, 0);
  if (header === null || header.value > payload.length) return null;
  const values: CarvedValue[] = [];
  let at = header.value;
  for (let typeAt = header.next; typeAt < header.value;) {
    const type = varint(payload, typeAt);
    if (type === null) return null;
    const read = valueAt(payload, at, type.value);
    values.push(read.value);
    at = read.next;
    typeAt = type.next;
  }
  return values;
}

/** The pages of a file, by number from 1; a WAL has later states of some. */
interface Pages {
  bytes: number;
  page(number: number): Buffer | undefined;
}

// A record too large for its page goes on in a chain of others.
function payloadAt(page: Buffer, at: number, size: number, pages: Pages): Buffer | null {
  const usable = pages.bytes;
  const most = Math.floor(((usable - 12) * 64) / 255) - 23;
  if (size <= most) return page.subarray(at, at + size);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((size - least) % (usable - 4));
  const local = fitting <= most ? fitting : least;
  const parts = [page.subarray(at, at + local)];
  let left = size - local;
  let next = page.readUInt32BE(at + local);
  while (left > 0) {
    const overflow = next === 0 ? undefined : pages.page(next);
    if (overflow === undefined) return null;
    parts.push(overflow.subarray(4, 4 + Math.min(left, usable - 4)));
    left -= usable - 4;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function* recordsOf(page: Buffer, pages: Pages): Generator<CarvedValue[]> {
  const kind = page[0];
  if (kind !== leafIndexPage && kind !== interiorIndexPage) return;
  const headerBytes = kind === leafIndexPage ? 8 : 12;
  const cells = page.readUInt16BE(3);
  if (headerBytes + 2 * cells > page.length) return;
  for (let cell = 0; cell < cells; cell += 1) {
    try {
      const pointer = page.readUInt16BE(headerBytes + 2 * cell);
      const size = varint(page, pointer + (kind === leafIndexPage ? 0 : 4));
      if (size === null || size.value > pages.bytes * 16) continue;
      const payload = payloadAt(page, size.next, size.value, pages);
      const record = payload === null ? null : recordOf(payload);
      if (record !== null) yield record;
    } catch {
      // Not a cell after all: the page is damaged here.
    }
  }
}

function pageBytesOf(file: Buffer): number {
  const told = file.length >= 18 ? file.readUInt16BE(16) : 0;
  const bytes = told === 1 ? 65_536 : told;
  const sound = file.subarray(0, 6).toString('latin1') === 'SQLite' && bytes >= smallestPageBytes;
  return sound ? bytes : usualPageBytes;
}

function readIfThere(path: string): Buffer {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}

/**
 * Every record that index pages of a database file or its WAL hold, tables WITHOUT ROWID among
 * them; some more than once, some of states long past. The caller knows its own by their shape.
 */
export function* carveIndexRecords(path: string): Generator<CarvedValue[]> {
  const file = readIfThere(path);
  const wal = readIfThere(`${path}-wal`);
  const bytes = pageBytesOf(file);
  const at = (number: number): Buffer => file.subarray((number - 1) * bytes, number * bytes);
  const inWal = new Map<number, Buffer>();
  const frames: Buffer[] = [];
  const stride = walFrameHeaderBytes + bytes;
  for (let start = walHeaderBytes; start + stride <= wal.length; start += stride) {
    const page = wal.subarray(start + walFrameHeaderBytes, start + stride);
    inWal.set(wal.readUInt32BE(start), page);
    frames.push(page);
  }
  const pages: Pages = { bytes, page: (number) => inWal.get(number) ?? at(number) };
  const count = Math.floor(file.length / bytes);
  for (let number = 1; number <= count; number += 1) yield* recordsOf(at(number), pages);
  for (const page of frames) yield* recordsOf(page, pages);
}
