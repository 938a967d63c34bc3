import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';

import { assetFile } from '../home/index.ts';
import { endChild, endWithUs, freePort, makeTempDir, removeTempDir, waitFor } from './cleanup.ts';

export interface TestBroker {
  /** `mqtt://127.0.0.1:PORT`, or `mqtts://localhost:PORT` with TLS. */
  readonly url: string;
  /** Starts it again on the same port after `kill`. */
  start(): Promise<void>;
  /** kill -9, as far as the broker allows it: nothing is saved, connections break. */
  kill(): Promise<void>;
  /** Ends it and removes its files. Idempotent. */
  stop(): Promise<void>;
}

export interface MosquittoOptions {
  /** PEM texts; clients must then show a certificate of this CA. */
  tls?: { ca: string; cert: string; key: string };
  /**
   * Lines of its ACL file, such as `documentedAcl()`: the common name of a client's certificate is
   * then the user's name. For a broker with `tls`.
   */
  acl?: readonly string[];
  /** Further lines of mosquitto.conf. */
  config?: readonly string[];
}

const places = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto'];

function program(): string {
  const found = places.find((path) => existsSync(path));
  if (found === undefined) {
    throw new FoyerError(
      'dependency-missing',
      'This test needs Mosquitto, which is not installed.',
      {
        whatToDo: 'Run `npm test`, which installs it, or `apt-get install mosquitto`.',
      },
    );
  }
  return found;
}

function configuration(dir: string, port: number, options: MosquittoOptions): string[] {
  const lines = [
    `listener ${port} 127.0.0.1`,
    `allow_anonymous ${options.acl === undefined}`,
    'set_tcp_nodelay true',
    'persistence false',
    'log_dest stderr',
    'log_type error',
  ];
  if (options.tls !== undefined) {
    for (const name of ['ca', 'cert', 'key'] as const) {
      writeFileSync(join(dir, `${name}.pem`), options.tls[name], { mode: 0o644 });
    }
    lines.push(
      `cafile ${join(dir, 'ca.pem')}`,
      `certfile ${join(dir, 'cert.pem')}`,
      `keyfile ${join(dir, 'key.pem')}`,
      'require_certificate true',
    );
  }
  if (options.acl !== undefined) {
    writeFileSync(join(dir, 'acl'), `${options.acl.join('\n')}\n`);
    lines.push('use_identity_as_username true', `acl_file ${join(dir, 'acl')}`);
  }
  return [...lines, ...(options.config ?? [])];
}

/** The ACL that docs/mosquitto.md gives to operators: a node may only speak for itself. */
export function documentedAcl(): string[] {
  const page = readFileSync(assetFile('docs/mosquitto.md'), 'utf8');
  const lines = /```acl\n(.*?)```/s.exec(page)?.[1]?.trim().split('\n');
  if (lines === undefined) throw new Error('docs/mosquitto.md shows no ACL.');
  return lines;
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Starts a Mosquitto of its own on loopback. Throws `dependency-missing` where there is none. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<TestBroker> {
  const path = program();
  const port = await freePort();
  const dir = makeTempDir('mosquitto');
  // Mosquitto started as root becomes a user of its own, which must be able to read its files.
  const config = ['user root', ...configuration(dir, port, options)];
  writeFileSync(join(dir, 'mosquitto.conf'), `${config.join('\n')}\n`);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    let output = '';
    const started = spawn(path, ['-c', join(dir, 'mosquitto.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = started;
    endWithUs(started);
    started.stderr.on('data', (text: Buffer) => {
      output = (output + text.toString()).slice(-4000);
    });
    await waitFor('Mosquitto to listen', async () => {
      if (started.exitCode !== null) throw new Error(`Mosquitto ended: ${output}`);
      return answers(port);
    });
  }

  const stop = async (): Promise<void> => {
    if (child !== undefined) await endChild(child);
    removeTempDir(dir);
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: options.tls === undefined ? `mqtt://127.0.0.1:${port}` : `mqtts://localhost:${port}`,
    start,
    kill: async () => {
      if (child !== undefined) await endChild(child, 'SIGKILL');
    },
    stop,
  };
}
