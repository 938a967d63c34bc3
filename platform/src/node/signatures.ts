import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hash,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto';

import { FoyerError, rotatingStepMs, stepCodeBytes } from '@foyer/contracts';

// The DER wrapping of a raw Ed25519 key (RFC 8410): all that differs between keys is the last 32
// bytes, so the raw key behind a fixed prefix is the whole encoding.
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const rawKeyBytes = 32;

function rawKey(base64url: string, what: string): Buffer {
  const raw = Buffer.from(base64url, 'base64url');
  if (raw.length !== rawKeyBytes) {
    throw new FoyerError(
      'config-invalid',
      `An Ed25519 ${what} is 32 bytes in base64url (43 characters), not ${raw.length} bytes.`,
    );
  }
  return raw;
}

/** Signs with one private key; its public half is `publicKey`, raw, base64url. */
export interface Signer {
  readonly publicKey: string;
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * A signer from a raw 32-byte Ed25519 seed in base64url. Throws `config-invalid` for another
 * length.
 */
export function ed25519Signer(seed: string): Signer {
  const privateKey = createPrivateKey({
    key: Buffer.concat([privatePrefix, rawKey(seed, 'seed')]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: spki.subarray(-rawKeyBytes).toString('base64url'),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** Public keys seen so far: importing one costs more than a signature's check. */
const publicKeys = new Map<string, KeyObject>();
const maxPublicKeys = 256;

function publicKeyOf(base64url: string): KeyObject {
  const known = publicKeys.get(base64url);
  if (known !== undefined) return known;
  const key = createPublicKey({
    key: Buffer.concat([publicPrefix, rawKey(base64url, 'public key')]),
    format: 'der',
    type: 'spki',
  });
  if (publicKeys.size >= maxPublicKeys) publicKeys.clear();
  publicKeys.set(base64url, key);
  return key;
}

/** Signatures that were checked lately; they are public. */
const checked = new Map<string, boolean>();
const maxChecked = 1000;

/**
 * True when `signature` is that of `message` under a raw 32-byte Ed25519 public key in base64url.
 * Throws `config-invalid` for a key that is none.
 */
export function verifyEd25519(
  publicKey: string,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  // Guests hold a code up again and again, and each check takes as long as a commit.
  const name = `${publicKey} ${sha256Hex(Buffer.concat([message, signature]))}`;
  const known = checked.get(name);
  if (known !== undefined) return known;
  const sound = verify(null, message, publicKeyOf(publicKey), signature);
  if (checked.size >= maxChecked) checked.clear();
  checked.set(name, sound);
  return sound;
}

/** The number of the rotating code's step that a moment lies in. */
export function rotatingStepAt(atMs: number): number {
  return Math.floor(atMs / rotatingStepMs);
}

/**
 * The 6 bytes of a rotating code: HMAC-SHA256(HMAC-SHA256(showKey, ticketId), step), cut. The inner
 * HMAC is the ticket's own key, which a guest's phone may hold without learning the show's.
 *
 * @param showKey raw key in base64url, as in the `secrets` feed
 * @param ticketId 16 hex digits
 * @param step number of 15-second steps since 1970
 */
export function rotatingStepCode(showKey: string, ticketId: string, step: number): Uint8Array {
  return stepCodeOfTicketKey(rotatingTicketKey(showKey, ticketId), step);
}

/** The key of one ticket's rotating codes: 32 bytes. */
export function rotatingTicketKey(showKey: string, ticketId: string): Uint8Array {
  return createHmac('sha256', Buffer.from(showKey, 'base64url'))
    .update(Buffer.from(ticketId, 'hex'))
    .digest();
}

/** The code of a step under a ticket's key. */
export function stepCodeOfTicketKey(ticketKey: Uint8Array, step: number): Uint8Array {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha256', ticketKey).update(counter).digest();
  return new Uint8Array(digest.subarray(0, stepCodeBytes));
}

/** Compares without telling by its time where the difference is. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** SHA-256, 32 bytes. */
export function sha256(data: Uint8Array | string): Buffer {
  return createHash('sha256').update(data).digest();
}

/** SHA-256 as 64 lower-case hex digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

/** The first 6 bytes of a SHA-256 as an integer below 2^48: the hash of a feed row. */
export function sha256Int48(data: Uint8Array | string): number {
  return Number.parseInt(sha256Hex(data).slice(0, 12), 16);
}
