import { readFileSync } from 'node:fs';

import { FoyerError } from '@foyer/contracts';
import {
  checkMqttSettings,
  loadConfig,
  mqttSettingsShape,
  type Environment,
  type LoadedConfig,
} from '@foyer/platform/program';
import { z } from 'zod';

const port = z.int().min(0).max(65_535).default(0);

const databaseSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sqlite'), path: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('postgres'),
    url: z.url({ protocol: /^postgres(ql)?$/ }),
    poolSize: z.int().min(2).max(200).optional(),
  }),
]);

/** The settings of a cloud worker. Every value comes from here: there are no others. */
export const cloudConfigSchema = z.strictObject({
  listen: z.strictObject({ host: z.string().min(1).default('127.0.0.1'), port }).prefault({}),
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
    url: z.url({ protocol: /^https?$/ }),
    timeoutMs: z.int().min(100).max(60_000).default(5000),
  }),
  /** Catalogue writes need it as a bearer token. */
  apiKey: z.string().min(16).max(200),
  /** The chain's private key: a 32-byte Ed25519 seed in base64url, or a file that holds it. */
  signingKey: z.string().length(43).optional(),
  signingKeyPath: z.string().min(1).optional(),
  /** Its number in ticket codes; a new key takes a new number. */
  keyId: z.int().min(0).max(255),
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
export function signingSeed(config: CloudConfig): string {
  const { signingKey, signingKeyPath } = config;
  if (signingKey !== undefined) return signingKey;
  if (signingKeyPath === undefined) {
    throw new FoyerError('config-invalid', 'Neither signingKey nor signingKeyPath is set.');
  }
  try {
    return readFileSync(signingKeyPath, 'utf8').trim();
  } catch (cause) {
    throw new FoyerError('config-invalid', `signingKeyPath ${signingKeyPath} cannot be read.`, {
      cause,
    });
  }
}
