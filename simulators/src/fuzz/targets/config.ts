import { loadCloudConfig } from '@foyer/cloud-sync';
import { loadAgentConfig } from '@foyer/edge-agent/app';
import { isFoyerError } from '@foyer/contracts';
import { loadConfig, type Environment } from '@foyer/platform/program';
import { scannerConfigSchema } from '@foyer/scanner';

import { jsonBytes, wordsOf } from '../examples.ts';
import { jsonShape } from '../shapes/json.ts';
import { Misbehaviour, type FuzzTarget } from '../target.ts';

const agent = {
  node: 'theatre',
  role: 'theatre',
  theatreNo: 7,
  dataDir: '/var/lib/foyer',
  listen: { host: '127.0.0.1', port: 8080 },
  mesh: {
    listen: { host: '0.0.0.0', port: 9000 },
    certPath: 'a.crt',
    keyPath: 'a.key',
    caPath: 'ca.crt',
    peers: { 'gate-1': 'wss://10.0.0.5:9000' },
  },
  mqtt: { url: 'mqtt://127.0.0.1:1883', limits: 'broker' },
  log: { level: 'info' },
};
const cloud = {
  listen: { host: '127.0.0.1', port: 0 },
  database: { kind: 'sqlite', path: 'cloud.db' },
  payment: { url: 'http://127.0.0.1:1', timeoutMs: 500 },
  apiKey: 'k'.repeat(16),
  signingKey: 's'.repeat(43),
  keyId: 1,
};
const scanner = {
  agentUrl: 'http://127.0.0.1:8080',
  sources: [{ kind: 'stream', name: 'one', input: '/dev/video0' }],
};

const loaders: readonly ((env: Environment) => unknown)[] = [
  loadAgentConfig,
  loadCloudConfig,
  (env) => loadConfig(scannerConfigSchema, env),
];

/** The file's text, and a variable of the environment that says otherwise. */
function load(bytes: Uint8Array): void {
  const text = Buffer.from(bytes).toString('utf8');
  // Anything that is no object would be the name of a file.
  if (!text.trimStart().startsWith('{')) return;
  const envs: Environment[] = [
    { FOYER_CONFIG: text },
    { FOYER_CONFIG: JSON.stringify(agent), FOYER_MESH_PEERS: text, FOYER_LISTEN_PORT: text },
  ];
  for (const env of envs) {
    for (const loader of loaders) {
      try {
        JSON.stringify(loader(env));
      } catch (error) {
        if (!isFoyerError(error)) throw error;
        if (error.code !== 'config-invalid') {
          throw new Misbehaviour(`A configuration was refused with ${error.code}.`);
        }
      }
    }
  }
}

export const configTarget: FuzzTarget = {
  name: 'config',
  takes: 'configuration files and variables of agent, cloud and scanner',
  shape: jsonShape,
  words: wordsOf([agent, cloud, scanner]),
  seeds: () => [agent, cloud, scanner].map(jsonBytes),
  open: () => Promise.resolve({ run: load, close: () => {} }),
};
