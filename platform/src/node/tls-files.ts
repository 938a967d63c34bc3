import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

import { FoyerError } from '@foyer/contracts';

import type { Logger } from '../logger.ts';

/** Where one end of a mutually authenticated connection keeps its files, all PEM. */
export interface TlsPaths {
  certPath: string;
  keyPath: string;
  /** One or more authorities; those of the system when absent. */
  caPath?: string;
}

/** PEM texts of a certificate, its private key, and the authorities of the other end. */
export interface TlsTexts {
  cert: string;
  key: string;
  ca?: string;
}

/** TLS identity that may be replaced while a program runs. */
export interface RenewableTls<Texts> {
  /** The files as they were when they last fitted together. */
  current(): Texts;
  /** Looks at the files; true when they were replaced by others that fit. Never throws. */
  renew(): boolean;
}

export interface TlsFilesOptions {
  /** The settings that name the files, such as `mesh`: errors name them. */
  setting: string;
  /** A sentence that says why this certificate is not ours; null where it is. */
  wrong?: (certificate: X509Certificate) => string | null;
  logger?: Logger;
}

type Name = keyof TlsPaths;
const names: readonly Name[] = ['certPath', 'keyPath', 'caPath'];

const detailOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/**
 * Refuses a private key that others may read. A key of another user (root) may be readable by this
 * program's group, which is how such a user hands it over. Throws FoyerError `config-invalid`.
 */
function checkKeyMode(path: string, setting: string): void {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const { mode, uid: owner } = statSync(path);
  const tooOpen = mode & (owner === uid ? 0o077 : 0o037);
  if (tooOpen === 0) return;
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  throw new FoyerError(
    'config-invalid',
    `${setting}: the private key ${path} has mode ${shown}: others than its owner may use it.`,
    { whatToDo: `Run chmod 600 ${path}; where others can log in, make a new key, too.` },
  );
}

/**
 * Reads a file with a private key or another secret, which nobody but its owner may read. Throws
 * FoyerError `config-invalid` when it cannot be read or others can read it, never with its content.
 *
 * @param setting the setting that names the file
 */
export function readSecretFile(path: string, setting: string): string {
  const text = readPem(path, setting);
  checkKeyMode(path, setting);
  return text;
}

function readPem(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FoyerError('config-invalid', `${setting} cannot be read: ${detailOf(cause)}.`, {
      cause,
      whatToDo: 'Make the files of this node with `foyer provision`, and name them here.',
    });
  }
}

/** The certificates in a PEM text. Throws FoyerError `config-invalid` where there is none. */
export function certificatesOf(pem: string, setting: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length === 0) throw new Error('it holds none');
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    const message = `${setting} holds no readable certificate: ${detailOf(cause)}.`;
    throw new FoyerError('config-invalid', message, { cause });
  }
}

function readAll(paths: TlsPaths, options: TlsFilesOptions): TlsTexts {
  const { setting, wrong } = options;
  const cert = readPem(paths.certPath, `${setting}.certPath`);
  const key = readSecretFile(paths.keyPath, `${setting}.keyPath`);
  const { caPath } = paths;
  const ca = caPath === undefined ? undefined : readPem(caPath, `${setting}.caPath`);
  const [own] = certificatesOf(cert, `${setting}.certPath`);
  if (ca !== undefined) certificatesOf(ca, `${setting}.caPath`);
  const reason = own === undefined ? null : (wrong?.(own) ?? null);
  if (reason !== null) {
    throw new FoyerError('config-invalid', `${setting}.certPath: ${reason}`, {
      whatToDo: 'Name the files of this node, or provision it again.',
    });
  }
  try {
    createSecureContext({ cert, key, ca });
  } catch (cause) {
    const message = `${setting}.certPath and ${setting}.keyPath do not fit: ${detailOf(cause)}.`;
    throw new FoyerError('config-invalid', message, { cause });
  }
  return ca === undefined ? { cert, key } : { cert, key, ca };
}

/** What changes when any of the files is replaced or written to. */
function stampOf(paths: TlsPaths): string {
  return names
    .map((name) => {
      const path = paths[name];
      if (path === undefined) return '';
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? 'none' : `${stat.ino}/${stat.mtimeMs}/${stat.size}/${stat.mode}`;
    })
    .join(' ');
}

/**
 * Reads certificate files, and again whenever they were replaced. Files that do not fit, as in the
 * middle of a replacement, change nothing: the former ones stay in use and the log says why. Throws
 * FoyerError `config-invalid` when they do not fit at the start.
 */
export function tlsFiles(
  paths: TlsPaths & { caPath: string },
  options: TlsFilesOptions,
): RenewableTls<Required<TlsTexts>>;
export function tlsFiles(paths: TlsPaths, options: TlsFilesOptions): RenewableTls<TlsTexts>;
export function tlsFiles(paths: TlsPaths, options: TlsFilesOptions): RenewableTls<TlsTexts> {
  let stamp = stampOf(paths);
  let texts = readAll(paths, options);
  return {
    current: () => texts,
    renew() {
      try {
        const seen = stampOf(paths);
        if (seen === stamp) return false;
        stamp = seen;
        const read = readAll(paths, options);
        const same = read.cert === texts.cert && read.key === texts.key && read.ca === texts.ca;
        texts = read;
        if (!same) options.logger?.info('certificates-renewed', { setting: options.setting });
        return !same;
      } catch (error) {
        const { setting } = options;
        options.logger?.warn('certificates-not-taken', { setting, reason: detailOf(error) });
        return false;
      }
    },
  };
}

/** TLS texts that stay as they are, in the form of those that may be replaced. */
export function renewable<Texts extends object>(
  tls: Texts | RenewableTls<Texts>,
): RenewableTls<Texts> {
  if ('renew' in tls) return tls;
  return { current: () => tls, renew: () => false };
}
