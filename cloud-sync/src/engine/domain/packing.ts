import type { Message } from '@foyer/contracts';
import type { LinkLimits } from '@foyer/platform';

import { encodeFrame, type FrameCoding } from './frame.ts';

/** More rows than this would keep a receiver's event loop busy for longer than a scan may wait. */
const maxRowsPerFrame = 2000;
/** A first guess: the bytes of a compressed ticket row with room to spare. */
const firstBytesPerRow = 40;
/** A limited link is not kept waiting behind one payload for longer than an eighth of a second. */
const shareOfSecond = 8;

/** The largest payload that is sent over a link. */
export function payloadBytesFor(limits: LinkLimits, maxBytes = Number.POSITIVE_INFINITY): number {
  const paced = Math.floor(limits.maxBytesPerS / shareOfSecond);
  return Math.max(512, Math.min(limits.maxPayloadBytes, maxBytes, paced));
}

/** The largest payload to ask for over a link. */
export function receivedBytesFor(limits: LinkLimits): number {
  const { maxReceivedBytes = limits.maxPayloadBytes } = limits;
  return payloadBytesFor({ ...limits, maxPayloadBytes: maxReceivedBytes }, 1_048_576);
}

/** How many rows fit a payload, learned from the payloads before. One per peer or feed. */
export class RowSizer {
  #bytesPerRow = firstBytesPerRow;

  /** How many rows to try for a payload of at most `maxBytes`. */
  rowsFor(maxBytes: number): number {
    const rows = Math.floor((maxBytes * 0.85) / this.#bytesPerRow);
    return Math.max(1, Math.min(maxRowsPerFrame, rows));
  }

  /** Notes what `rows` became. */
  learn(rows: number, bytes: number): void {
    if (rows === 0) return;
    const measured = bytes / rows;
    // Growth counts at once, so that the next payload fits; shrinking is believed slowly.
    this.#bytesPerRow =
      measured > this.#bytesPerRow ? measured : 0.7 * this.#bytesPerRow + 0.3 * measured;
  }
}

/** A frame that fits or holds one record, and how many of the records it was offered it holds. */
export interface PackedFrame<M extends Message = Message> {
  frame: Uint8Array;
  message: M;
  taken: number;
}

/**
 * Packs as many of `offered` records as fit `maxBytes`, fewer each try. The frame of a record that
 * exceeds it alone is larger: it goes in pieces.
 */
export function packToFit<M extends Message>(input: {
  offered: number;
  maxBytes: number;
  coding: FrameCoding;
  sizer: RowSizer;
  /** The message of the first `count` records, and how many of them it took. */
  make: (count: number) => { message: M; taken: number };
}): PackedFrame<M> {
  const { maxBytes, coding, sizer, make } = input;
  for (let count = input.offered; ;) {
    const { message, taken } = make(count);
    const frame = encodeFrame(message, coding);
    sizer.learn(taken, frame.byteLength);
    if (frame.byteLength <= maxBytes || taken <= 1) return { frame, message, taken };
    count = Math.max(1, Math.floor(taken * Math.min(0.9, (0.9 * maxBytes) / frame.byteLength)));
  }
}

/** The coding that a peer accepts. */
export function codingFor(accept: readonly string[]): FrameCoding {
  return accept.includes('br') ? 'br' : 'json';
}
