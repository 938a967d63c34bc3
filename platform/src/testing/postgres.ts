import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';

import { endChild, endWithUs, freePort, makeTempDir, removeTempDir, waitFor } from './cleanup.ts';

export interface TestPostgres {
  /** `postgres://foyer@127.0.0.1:PORT/postgres`. */
  readonly url: string;
  /** kill -9 of the server process; its helpers end when they notice. Nothing is saved. */
  kill(): Promise<void>;
  /** Starts it again on the same port after `kill`; it recovers from its log. */
  start(): Promise<void>;
  /** Ends it and removes its files. Idempotent. */
  stop(): Promise<void>;
}

const root = '/usr/lib/postgresql';
const leftoversMs = 15_000;

function programs(): string {
  const versions = existsSync(root) ? readdirSync(root).map(Number).filter(Boolean) : [];
  const newest = versions.toSorted((one, other) => other - one)[0];
  if (newest === undefined) {
    throw new FoyerError(
      'dependency-missing',
      'This test needs PostgreSQL, which is not installed.',
      {
        whatToDo: 'Run `npm test`, which installs it, or `apt-get install postgresql`.',
      },
    );
  }
  return join(root, String(newest), 'bin');
}

/** PostgreSQL refuses to run as root; its own user does it then. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/**
 * Starts a private PostgreSQL cluster in a temporary directory, on loopback only, with fsync on.
 * Throws FoyerError `dependency-missing` where PostgreSQL is not installed.
 */
export async function startPostgres(settings: readonly string[] = []): Promise<TestPostgres> {
  const bin = programs();
  const user = unprivileged();
  const dir = makeTempDir('postgres');
  const data = join(dir, 'data');
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    // SIGINT is PostgreSQL's fast shutdown; SIGTERM waits until the last client has gone.
    if (child !== undefined) await endChild(child, 'SIGINT', 5000);
    removeTempDir(dir);
  };
  try {
    chmodSync(dir, 0o700);
    if (user.uid !== undefined && user.gid !== undefined) chownSync(dir, user.uid, user.gid);
    execFileSync(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'foyer', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      { ...user, cwd: dir, stdio: 'pipe' },
    );
    const port = await freePort();
    const cluster = { bin, data, dir, port, user, settings };
    const start = async (): Promise<void> => {
      child = await serveAgain(cluster);
    };
    await start();
    return {
      url: `postgres://foyer@127.0.0.1:${port}/postgres`,
      start,
      kill: async () => {
        if (child !== undefined) await endChild(child, 'SIGKILL');
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Cluster {
  bin: string;
  data: string;
  dir: string;
  port: number;
  user: { uid?: number; gid?: number };
  settings: readonly string[];
}

/**
 * What a killed server left behind holds its shared memory for a moment, and a server refuses to
 * start meanwhile.
 */
async function serveAgain(cluster: Cluster): Promise<ChildProcess> {
  const limitMs = performance.now() + leftoversMs;
  for (;;) {
    try {
      return await serve(cluster);
    } catch (error) {
      if (!String(error).includes('still in use') || performance.now() > limitMs) throw error;
    }
  }
}

async function serve(cluster: Cluster): Promise<ChildProcess> {
  const { bin, data, dir, port, user } = cluster;
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${dir}`,
    'max_connections=200',
    'fsync=on',
    'synchronous_commit=on',
    ...cluster.settings,
  ];
  const child = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    { ...user, cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  endWithUs(child);
  let output = '';
  child.stderr.on('data', (text: Buffer) => {
    output = (output + text.toString()).slice(-4000);
  });
  await waitFor(
    'PostgreSQL to accept connections',
    () => {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended: ${output}`);
      return output.includes('ready to accept connections');
    },
    30_000,
  );
  return child;
}
