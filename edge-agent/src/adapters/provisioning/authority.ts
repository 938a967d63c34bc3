import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FoyerError } from '@foyer/contracts';
import { certificatesOf, readSecretFile } from '@foyer/platform/node';
import type { KeyPairPem } from './certificates.ts';

/** A certificate authority, by the names of its files and the organisation that it vouches for. */
export interface AuthorityKind {
  /** `theatre-ca` for `theatre-ca.crt` and `theatre-ca.key`. */
  name: string;
  organisation: string;
  /** For people: "the certificate authority of theatre 7". */
  what: string;
}

/** An authority as its directory holds it. */
export interface Authority extends KeyPairPem {
  /** What its nodes trust: its certificate, and its predecessor's while that is being replaced. */
  trustPem: string;
}

// The certificate library takes long to load, and few of those who import this make a certificate.
export const library = () => import('./certificates.ts');

/**
 * Writes a file that does not exist yet: a key is never overwritten, also not in a race. Throws
 * FoyerError `wrong-state`.
 */
export function writeNew(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    throw new FoyerError('wrong-state', `${path} exists already; it was left as it is.`, {
      cause: error,
      whatToDo: 'Choose another directory, or --renew where the node shall get new keys.',
    });
  }
}

/** Puts a text in the place of a file at once: who reads finds the former or the new one whole. */
export function replaceFile(path: string, text: string, mode: number): void {
  const next = `${path}.next`;
  rmSync(next, { force: true });
  writeFileSync(next, text, { mode, flag: 'wx' });
  renameSync(next, path);
}

const pathsOf = (dir: string, { name }: AuthorityKind) => ({
  certPath: join(dir, `${name}.crt`),
  keyPath: join(dir, `${name}.key`),
});

const pemOf = (certificate: X509Certificate): string => certificate.toString();

/**
 * Reads an authority; null where the directory holds none. Of two certificates that one signs
 * which its key fits. Throws FoyerError `not-found` for half an authority, `identity-refused` for
 * another's.
 */
export function readAuthority(dir: string, kind: AuthorityKind): Authority | null {
  const { certPath, keyPath } = pathsOf(dir, kind);
  if (!existsSync(certPath) && !existsSync(keyPath)) return null;
  if (!existsSync(certPath) || !existsSync(keyPath)) {
    throw new FoyerError('not-found', `${dir} holds one half of a certificate authority only.`, {
      whatToDo: `Bring ${kind.name}.crt and ${kind.name}.key together in one directory.`,
    });
  }
  const trustPem = readFileSync(certPath, 'utf8');
  const keyPem = readSecretFile(keyPath, '--ca');
  const certificates = certificatesOf(trustPem, '--ca');
  for (const certificate of certificates) {
    const owner = /^O=(.*)$/m.exec(certificate.subject)?.[1] ?? '?';
    if (owner === kind.organisation) continue;
    throw new FoyerError('identity-refused', `${certPath} belongs to ${owner}.`, {
      whatToDo: `Give the directory of ${kind.what}.`,
    });
  }
  const key = createPrivateKey(keyPem);
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) {
    throw new FoyerError('identity-refused', `${keyPath} is not the key of ${certPath}.`, {
      whatToDo: `Bring back the two files of ${kind.what} as they belong together.`,
    });
  }
  return { certPem: pemOf(own), keyPem, trustPem };
}

async function newAuthority(kind: AuthorityKind, nowMs: number): Promise<KeyPairPem> {
  const { createAuthority } = await library();
  const { organisation } = kind;
  return createAuthority({ commonName: `${organisation} CA`, organisation }, nowMs);
}

/** Reads an authority, or makes it where there is none. */
export async function needAuthority(
  dir: string,
  kind: AuthorityKind,
  nowMs: number,
): Promise<Authority & { created: boolean }> {
  const known = readAuthority(dir, kind);
  if (known !== null) return { ...known, created: false };
  const made = await newAuthority(kind, nowMs);
  const { certPath, keyPath } = pathsOf(dir, kind);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeNew(keyPath, made.keyPem, 0o600);
  writeNew(certPath, made.certPem, 0o644);
  return { ...made, trustPem: made.certPem, created: true };
}

function existing(dir: string, kind: AuthorityKind): Authority {
  const known = readAuthority(dir, kind);
  if (known !== null) return known;
  throw new FoyerError('not-found', `${dir} does not hold ${kind.what}.`, {
    whatToDo: 'Name its directory with --ca.',
  });
}

/**
 * Makes a new authority beside the present one. From then on the new one signs, and the file of
 * certificates holds both: who has that file trusts either. Throws FoyerError `wrong-state` while
 * an earlier change is not finished.
 *
 * @returns the path of the file of certificates
 */
export async function rotateAuthority(
  dir: string,
  kind: AuthorityKind,
  nowMs: number,
): Promise<string> {
  const { trustPem } = existing(dir, kind);
  if (certificatesOf(trustPem, '--ca').length > 1) {
    throw new FoyerError('wrong-state', `${dir} holds two authorities already.`, {
      whatToDo: 'Finish the change that is under way with --drop-old-ca.',
    });
  }
  const made = await newAuthority(kind, nowMs);
  const { certPath, keyPath } = pathsOf(dir, kind);
  // In this order a cut between the two leaves the former key, which fits one of the two.
  replaceFile(certPath, made.certPem + trustPem, 0o644);
  replaceFile(keyPath, made.keyPem, 0o600);
  return certPath;
}

/**
 * Forgets the predecessor: whoever takes the file of certificates trusts the present one alone.
 * Throws FoyerError `wrong-state` when there is none.
 *
 * @returns the path of the file of certificates
 */
export function dropOldAuthority(dir: string, kind: AuthorityKind): string {
  const { certPem, trustPem } = existing(dir, kind);
  if (certificatesOf(trustPem, '--ca').length < 2) {
    throw new FoyerError('wrong-state', `${dir} holds no old authority.`, {
      whatToDo: 'Nothing to do: there is one authority.',
    });
  }
  const { certPath } = pathsOf(dir, kind);
  replaceFile(certPath, certPem, 0o644);
  return certPath;
}
