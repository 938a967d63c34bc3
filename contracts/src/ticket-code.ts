import type { ShowNo, TicketId } from './ids.ts';

/**
 * The text in a ticket's QR code:
 *
 *   `F1:` + Base45(core 14 bytes + Ed25519 signature 64 bytes)  = 120 alphanumeric characters
 *
 * which fits QR version 5 at ECC M (122). A rotating code appends Base45 of a 6-byte time-step code
 * (9 characters; version 6). The core, big-endian:
 *
 *   0      version (high nibble, 1) and kind (low nibble)
 *   1      key id
 *   2..9   ticket id: theatre number (2 bytes), then 6 bytes whose top 4 bits are entries - 1
 *   10..13 show number
 */
export const ticketCodePrefix = 'F1:';
export const coreBytes = 14;
export const signatureBytes = 64;
export const stepCodeBytes = 6;

/** A rotating code changes every step; the steps beside the current one are accepted, too. */
export const rotatingStepMs = 15_000;
export const rotatingSkewSteps = 1;

export const ticketKinds = ['static', 'rotating', 'group'] as const;
export type TicketKind = (typeof ticketKinds)[number];

export interface TicketCore {
  kind: TicketKind;
  keyId: number;
  ticketId: TicketId;
  showNo: ShowNo;
}

export interface TicketCode extends TicketCore {
  /** The 14 bytes that are signed. */
  core: Uint8Array;
  signature: Uint8Array;
  /** The 6 bytes of a rotating code's time step, when the text has them. */
  stepCode: Uint8Array | null;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Base45 of RFC 9285. */
export function toBase45(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length;
    let value = pair ? (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0) : (bytes[i] ?? 0);
    for (let digit = 0; digit < (pair ? 3 : 2); digit += 1) {
      text += alphabet[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return text;
}

/** The bytes of a Base45 text, or null when it is none. */
export function fromBase45(text: string): Uint8Array | null {
  if (text.length % 3 === 1) return null;
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i += 3) {
    const digits = [...text.slice(i, i + 3)].map((char) => alphabet.indexOf(char));
    if (digits.some((digit) => digit < 0)) return null;
    const value = digits.reduceRight((sum, digit) => sum * 45 + digit, 0);
    if (digits.length === 3) {
      if (value > 0xffff) return null;
      bytes.push(value >> 8, value & 0xff);
    } else {
      if (value > 0xff) return null;
      bytes.push(value);
    }
  }
  return Uint8Array.from(bytes);
}

/** The 14 bytes that the chain's key signs. */
export function packCore(ticket: TicketCore): Uint8Array {
  const core = new Uint8Array(coreBytes);
  const view = new DataView(core.buffer);
  core[0] = 0x10 | ticketKinds.indexOf(ticket.kind);
  core[1] = ticket.keyId;
  view.setBigUint64(2, BigInt(`0x${ticket.ticketId}`));
  view.setUint32(10, ticket.showNo);
  return core;
}

/** The text of a code from its signed core and, for a rotating one, the current step's code. */
export function formatTicketCode(
  core: Uint8Array,
  signature: Uint8Array,
  stepCode?: Uint8Array,
): string {
  const signed = new Uint8Array(coreBytes + signatureBytes);
  signed.set(core);
  signed.set(signature, coreBytes);
  return ticketCodePrefix + toBase45(signed) + (stepCode ? toBase45(stepCode) : '');
}

export type ParsedTicketCode =
  | { outcome: 'code'; code: TicketCode }
  /** Not ours: no prefix. It is ignored, not refused. */
  | { outcome: 'not-ours' }
  /** Ours by prefix, but malformed: treated as forged. */
  | { outcome: 'malformed' };

/**
 * Reads a scanned text without checking its signature. The text is never trimmed: it may end in a
 * space.
 */
export function parseTicketCode(text: string): ParsedTicketCode {
  if (!text.startsWith(ticketCodePrefix)) return { outcome: 'not-ours' };
  if (text.length > 140) return { outcome: 'malformed' };
  const bytes = fromBase45(text.slice(ticketCodePrefix.length));
  const signedBytes = coreBytes + signatureBytes;
  if (bytes === null) return { outcome: 'malformed' };
  if (bytes.length !== signedBytes && bytes.length !== signedBytes + stepCodeBytes) {
    return { outcome: 'malformed' };
  }
  const core = bytes.slice(0, coreBytes);
  const view = new DataView(core.buffer);
  const kind = ticketKinds[(core[0] ?? 0) & 0x0f];
  const showNo = view.getUint32(10);
  if ((core[0] ?? 0) >> 4 !== 1 || kind === undefined || showNo === 0) {
    return { outcome: 'malformed' };
  }
  return {
    outcome: 'code',
    code: {
      kind,
      keyId: core[1] ?? 0,
      ticketId: view.getBigUint64(2).toString(16).padStart(16, '0'),
      showNo,
      core,
      signature: bytes.slice(coreBytes, signedBytes),
      stepCode: bytes.length > signedBytes ? bytes.slice(signedBytes) : null,
    },
  };
}
