import { crc32 } from 'node:zlib';

import { bodyCodings, FoyerError, frameHeaderBytes, protocolVersion } from '@foyer/contracts';

/** What a piece says before its bytes: the whole frame's CRC-32 and size, and where they belong. */
const pieceHeaderBytes = 12;
/** No link's frames are larger; a bound on what a peer can make a receiver keep. */
const maxWholeBytes = 1_048_576;
/** Frames of one peer that are gathered at a time. */
const maxGathered = 4;

/**
 * A frame as payloads of at most `maxBytes`: itself where it fits, else pieces of it. Throws
 * FoyerError `payload-too-large` for one of more than a megabyte.
 */
export function cutFrame(frame: Uint8Array, maxBytes: number): readonly Uint8Array[] {
  if (frame.byteLength <= maxBytes) return [frame];
  if (frame.byteLength > maxWholeBytes) {
    throw new FoyerError('payload-too-large', `A frame of ${frame.byteLength} bytes is not cut.`);
  }
  const whole = { crc: crc32(frame), sizeBytes: frame.byteLength };
  const step = Math.max(1, maxBytes - frameHeaderBytes - pieceHeaderBytes);
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < frame.byteLength; offset += step) {
    pieces.push(pieceOf(whole, offset, frame.subarray(offset, offset + step)));
  }
  return pieces;
}

interface Whole {
  crc: number;
  sizeBytes: number;
}

function pieceOf(whole: Whole, offset: number, bytes: Uint8Array): Uint8Array {
  const body = Buffer.allocUnsafe(pieceHeaderBytes + bytes.byteLength);
  body.writeUInt32BE(whole.crc, 0);
  body.writeUInt32BE(whole.sizeBytes, 4);
  body.writeUInt32BE(offset, 8);
  body.set(bytes, pieceHeaderBytes);
  const piece = Buffer.allocUnsafe(frameHeaderBytes + body.byteLength);
  piece[0] = protocolVersion;
  piece[1] = bodyCodings.piece;
  piece.writeUInt32BE(crc32(body), 2);
  piece.set(body, frameHeaderBytes);
  return piece;
}

/** A frame that is on its way in. */
interface Gathered {
  frame: Buffer;
  /** The pieces' sizes, by where they begin. */
  sizes: Map<number, number>;
}

/**
 * Puts one peer's frames together again, in whatever order and however often their pieces come. A
 * frame that is sent again is cut into the same pieces, so that one lost piece costs no others.
 */
export class PieceGatherer {
  readonly #open = new Map<string, Gathered>();

  /** True while it keeps no pieces. */
  get isIdle(): boolean {
    return this.#open.size === 0;
  }

  /**
   * @returns the payload itself where it is no piece, the frame that a piece made whole, or null.
   * Throws FoyerError `damaged-frame` or `unparsable`.
   */
  take(payload: Uint8Array): Uint8Array | null {
    if (payload[1] !== bodyCodings.piece) return payload;
    const { crc, sizeBytes, offset, bytes } = readPiece(payload);
    const name = `${crc} ${sizeBytes}`;
    const known = this.#open.get(name);
    const gathered = known ?? { frame: Buffer.alloc(sizeBytes), sizes: new Map() };
    gathered.frame.set(bytes, offset);
    gathered.sizes.set(offset, bytes.byteLength);
    if (!isWhole(gathered)) {
      if (known === undefined) this.#keep(name, gathered);
      return null;
    }
    this.#open.delete(name);
    if (crc32(gathered.frame) === crc) return gathered.frame;
    throw new FoyerError('damaged-frame', 'The checksum of a frame in pieces is wrong.');
  }

  #keep(name: string, gathered: Gathered): void {
    this.#open.set(name, gathered);
    if (this.#open.size <= maxGathered) return;
    const [oldest] = this.#open.keys();
    if (oldest !== undefined) this.#open.delete(oldest);
  }
}

function readPiece(payload: Uint8Array) {
  const piece = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const body = piece.subarray(frameHeaderBytes);
  if (body.byteLength <= pieceHeaderBytes) {
    throw new FoyerError('unparsable', `A piece of ${piece.byteLength} bytes holds nothing.`);
  }
  if (crc32(body) !== piece.readUInt32BE(2)) {
    throw new FoyerError('damaged-frame', 'The checksum of a piece is wrong.');
  }
  const crc = body.readUInt32BE(0);
  const sizeBytes = body.readUInt32BE(4);
  const offset = body.readUInt32BE(8);
  const bytes = body.subarray(pieceHeaderBytes);
  if (sizeBytes > maxWholeBytes || offset + bytes.byteLength > sizeBytes) {
    throw new FoyerError('unparsable', `A piece lies outside its frame of ${sizeBytes} bytes.`);
  }
  return { crc, sizeBytes, offset, bytes };
}

function isWhole({ frame, sizes }: Gathered): boolean {
  let reached = 0;
  for (const [offset, sizeBytes] of [...sizes].toSorted(([a], [b]) => a - b)) {
    if (offset > reached) return false;
    reached = Math.max(reached, offset + sizeBytes);
  }
  return reached >= frame.byteLength;
}
