import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { FoyerError, keyRowSchema, theatreNoSchema, type TheatreNo } from '@foyer/contracts';
import { isLoopbackHost } from '@foyer/platform';
import { certificatesOf, ed25519Signer, readSecretFile } from '@foyer/platform/node';
import {
  checkMqttSettings,
  loadConfig,
  mqttSettingsShape,
  type Environment,
  type LoadedConfig,
} from '@foyer/platform/program';
import { z } from 'zod';

import type { MediaStoreOptions } from './adapters/media/media-store.ts';
import type { PublishedKey, TicketSigner } from './domain/ports.ts';

const port = z.int().min(0).max(65_535).default(0);

// What is no URL at all is refused by its own schema; the check of its host runs all the same.
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');

const listenSchema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port,
    /** HTTPS: a certificate with its chain, and its key (mode 0600). Reread when replaced. */
    tls: z.strictObject({ certPath: z.string().min(1), keyPath: z.string().min(1) }).optional(),
    /** HTTP without TLS off this machine, for a proxy that has the only way here and does TLS. */
    behindTlsProxy: z.boolean().default(false),
  })
  .superRefine(({ host, tls, behindTlsProxy }, context) => {
    if (isLoopbackHost(host) || tls !== undefined || behindTlsProxy) return;
    const message = `${host} is not this machine: set listen.tls, or listen.behindTlsProxy`;
    context.addIssue({ code: 'custom', path: ['host'], message });
  });

/** What node-postgres verifies the server's certificate with; it takes `require` for the same. */
const verified = /[?&]sslmode=(verify-full|verify-ca|require)(&|$)/;

const postgresUrlSchema = z
  .url({ protocol: /^postgres(ql)?$/ })
  .refine(
    (url) =>
      hostOf(url) === '' ||
      hostOf(url).startsWith('%2F') ||
      isLoopbackHost(hostOf(url)) ||
      verified.test(url),
    'the database is not on this machine: add ?sslmode=verify-full to its URL',
  );

const paymentUrlSchema = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || isLoopbackHost(hostOf(url)),
    'the payment provider is not on this machine: use https://',
  );

const databaseSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sqlite'), path: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('postgres'),
    /** Off this machine with `sslmode`; `sslrootcert`, `sslcert` and `sslkey` name files. */
    url: postgresUrlSchema,
    poolSize: z.int().min(2).max(200).optional(),
  }),
]);

const mediaSchema = z.strictObject({
  /** Default: `media` beside the SQLite database. Workers on one PostgreSQL share a directory. */
  path: z.string().min(1).optional(),
  /** Of one file. */
  maxMediaBytes: z.int().min(65_536).max(2_147_483_647).default(500_000_000),
  /** Of all files with their versions. */
  maxTotalBytes: z.int().min(1_000_000).default(20_000_000_000),
});

const otherKeySchema = z.strictObject({
  keyId: keyRowSchema.shape.keyId,
  /** Tickets of a retired key are accepted, those of a revoked one refused at every gate. */
  status: keyRowSchema.shape.status,
  /** Of a key that the theatres do not know yet: the public key, or the file of the private one. */
  publicKey: keyRowSchema.shape.publicKey.optional(),
  signingKeyPath: z.string().min(1).optional(),
});

/** The settings of a cloud worker. Every value comes from here: there are no others. */
export const cloudConfigSchema = z.strictObject({
  listen: listenSchema.prefault({}),
  database: databaseSchema,
  mqtt: z
    .strictObject({
      ...mqttSettingsShape,
      /** Several workers divide the nodes' messages; the embedded broker cannot. */
      sharedSubscription: z.boolean().default(false),
    })
    .superRefine(checkMqttSettings)
    .optional(),
  payment: z.strictObject({
    url: paymentUrlSchema,
    timeoutMs: z.int().min(100).max(60_000).default(5000),
  }),
  media: mediaSchema.prefault({}),
  /**
   * The authorities of theatres' nodes: the certificates of seals of plays are checked by them. A
   * theatre that is not listed has the name and the signature checked only.
   */
  authorities: z
    .array(z.strictObject({ theatreNo: theatreNoSchema, caPath: z.string().min(1) }))
    .max(10_000)
    .default([]),
  /** Catalogue writes need it as a bearer token. */
  apiKey: z.string().min(16).max(200),
  /** The chain's private key: a 32-byte Ed25519 seed in base64url, or a file that holds it. */
  signingKey: z.string().length(43).optional(),
  signingKeyPath: z.string().min(1).optional(),
  /** Its number in ticket codes; a new key takes a new number. */
  keyId: keyRowSchema.shape.keyId,
  /** Keys beside it: the next, made known to gates ahead of its use, and former ones. */
  keys: z.array(otherKeySchema).max(255).default([]),
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
});
export type CloudConfig = z.infer<typeof cloudConfigSchema>;

/**
 * Reads a worker's configuration. Throws FoyerError `config-invalid`, naming each wrong setting.
 */
export function loadCloudConfig(env: Environment): LoadedConfig<CloudConfig> {
  return loadConfig(cloudConfigSchema, env);
}

/** The signing key's seed, from the setting or its file. Throws FoyerError `config-invalid`. */
function signingSeed({ signingKey, signingKeyPath }: CloudConfig): string {
  if (signingKey !== undefined) return signingKey;
  if (signingKeyPath === undefined) {
    throw new FoyerError('config-invalid', 'Neither signingKey nor signingKeyPath is set.');
  }
  return seedIn(signingKeyPath, 'signingKeyPath');
}

const seedIn = (path: string, setting: string): string => readSecretFile(path, setting).trim();

/** The key that signs tickets, and those beside it. Throws FoyerError `config-invalid`. */
export function ticketKeys(config: CloudConfig): {
  signer: TicketSigner;
  otherKeys: PublishedKey[];
} {
  const signer = { ...ed25519Signer(signingSeed(config)), keyId: config.keyId };
  const ids = new Set([config.keyId]);
  const otherKeys = config.keys.map(({ keyId, status, publicKey, signingKeyPath }) => {
    if (ids.has(keyId)) {
      throw new FoyerError('config-invalid', `keys: keyId ${keyId} is there twice.`);
    }
    ids.add(keyId);
    const seed =
      signingKeyPath === undefined ? null : seedIn(signingKeyPath, 'keys.signingKeyPath');
    const derived = seed === null ? null : ed25519Signer(seed).publicKey;
    return { keyId, status, publicKey: publicKey ?? derived };
  });
  return { signer, otherKeys };
}

/** Where files are kept. Throws FoyerError `config-invalid` where nothing tells. */
export function mediaOptions({ media, database }: CloudConfig): MediaStoreOptions {
  const { maxMediaBytes, maxTotalBytes } = media;
  const beside = database.kind === 'sqlite' ? join(dirname(database.path), 'media') : undefined;
  const dir = media.path ?? beside;
  if (dir === undefined) {
    throw new FoyerError('config-invalid', 'media.path is not set, and PostgreSQL has no place.');
  }
  return { dir: resolve(dir), maxMediaBytes, maxTotalBytes };
}

/** The certificates of theatres' authorities. Throws FoyerError `config-invalid`. */
export function sealAuthorities({ authorities }: CloudConfig): Map<TheatreNo, X509Certificate[]> {
  const byTheatre = new Map<TheatreNo, X509Certificate[]>();
  for (const { theatreNo, caPath } of authorities) {
    const known = byTheatre.get(theatreNo) ?? [];
    const told = certificatesOf(readText(caPath), 'authorities.caPath');
    byTheatre.set(theatreNo, [...known, ...told]);
  }
  return byTheatre;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FoyerError('config-invalid', `authorities.caPath: ${path} cannot be read.`, {
      cause,
    });
  }
}
