import { sign, verify, X509Certificate, type KeyLike } from 'node:crypto';

import type { NodeId } from '@foyer/contracts';

import { identityOfX509, type NodeIdentity } from './mesh/identity.ts';

/** What a seal speaks for: the chain of a node's lane `bulk`, up to one of its events. */
export interface SealedChain {
  node: NodeId;
  seq: number;
  /** The chain's hash after the event `seq`. */
  hash: string;
}

/** A signature with the certificate of the key that made it. */
export interface SealProof {
  /** Base64. */
  signature: string;
  /** DER, base64. */
  certificate: string;
}

const textOf = ({ node, seq, hash }: SealedChain): Buffer =>
  Buffer.from(`foyer-plays/${node}/${seq}/${hash}`, 'utf8');

/** Ed25519 hashes by itself; the other keys of certificates sign a SHA-256. */
const digestFor = (keyType: string | undefined): string | null =>
  keyType === 'ed25519' || keyType === 'ed448' ? null : 'sha256';

/**
 * Seals a chain of plays with the key of a node's certificate.
 *
 * @param cert PEM; the first certificate of the text is the node's own
 * @param key PEM
 */
export function signPlaySeal(chain: SealedChain, { cert, key }: { cert: string; key: KeyLike }) {
  const own = new X509Certificate(cert);
  const signature = sign(digestFor(own.publicKey.asymmetricKeyType), textOf(chain), key);
  const certificate = own.raw.toString('base64');
  return { signature: signature.toString('base64'), certificate } satisfies SealProof;
}

/** Why a seal is worth nothing. */
export type SealFault =
  | 'certificate-unreadable'
  | 'other-node'
  | 'other-authority'
  | 'signature-wrong';

function certificateIn(base64: string): X509Certificate | null {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return null;
  }
}

function isSignature(chain: SealedChain, certificate: X509Certificate, signature: string): boolean {
  const { publicKey } = certificate;
  try {
    const digest = digestFor(publicKey.asymmetricKeyType);
    return verify(digest, textOf(chain), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  } catch {
    return false;
  }
}

/**
 * Judges a seal: the certificate must name the node of that theatre, be of one of the authorities
 * where any is given, and its key must have made the signature. Never throws.
 *
 * @returns what is wrong with it; null for a sound seal
 */
export function judgePlaySeal(
  chain: SealedChain,
  proof: SealProof,
  expected: { theatreNo: number; authorities: readonly X509Certificate[] },
): SealFault | null {
  const certificate = certificateIn(proof.certificate);
  if (certificate === null) return 'certificate-unreadable';
  const identity: NodeIdentity | null = identityOfX509(certificate);
  const named = identity?.nodeId === chain.node && identity.theatreNo === expected.theatreNo;
  if (!named) return 'other-node';
  const { authorities } = expected;
  if (authorities.length > 0 && !authorities.some((one) => isIssuedBy(certificate, one))) {
    return 'other-authority';
  }
  return isSignature(chain, certificate, proof.signature) ? null : 'signature-wrong';
}
