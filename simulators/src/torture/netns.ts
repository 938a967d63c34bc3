import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import type { Cleanup } from './cleanup.ts';

const toolTimeoutMs = 10_000;

/** Runs a system program. Throws with what it said. */
export function tool(command: string, ...args: string[]): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    timeout: toolTimeoutMs,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Why this process may not make namespaces and mounts here; null when it may. */
export function whyNot(command: 'ip' | 'mount'): string | null {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  const places = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  if (!places.some((place) => existsSync(`${place}/${command}`))) return `${command} is missing`;
  return null;
}

/** Names of ours carry the process that made them. */
const ownName = (what: string): string => `foyer-${process.pid}-${what}`;
const anyName = /\bfoyer-(\d+)-\w+/g;

/** Names of ours in a text whose process is gone: a run that was killed could not clean up. */
function orphansIn(text: string): string[] {
  const found = [...text.matchAll(anyName)];
  return found.flatMap(([name, pid]) => (existsSync(`/proc/${pid}`) ? [] : [name]));
}

/** Removes the namespaces and mounts of runs that were killed. Needs root. */
export function sweep(): void {
  for (const room of orphansIn(tool('ip', 'netns', 'list'))) tool('ip', 'netns', 'del', room);
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [source = '', dir = ''] = line.split(' ');
    if (orphansIn(source).length > 0) tool('umount', '-l', dir);
  }
}

/**
 * A file system of its own in memory at `dir`, of so many bytes; unmounted with the cleanup. Needs
 * root.
 */
export function mountSmall(dir: string, sizeBytes: number, cleanup: Cleanup): void {
  const options = `size=${sizeBytes},mode=700`;
  tool('mount', '-t', 'tmpfs', '-o', options, ownName('disk'), dir);
  cleanup.add(`mount ${dir}`, () => tool('umount', '-l', dir));
}

/** Two network namespaces with nothing but one cable between them. */
export interface CabledRooms {
  /** Name of the namespace that a gate lives in, and its address. */
  readonly gateRoom: string;
  readonly gateHost: string;
  /** Name of the namespace at the other end, and its address. */
  readonly farRoom: string;
  readonly farHost: string;
  /** Idempotent. */
  pull(): void;
  /** Idempotent. */
  plug(): void;
}

/**
 * Makes them with `ip netns` and a veth pair. The machine's own network is not touched: neither
 * end of the cable is in it.
 */
export function layCable(cleanup: Cleanup): CabledRooms {
  const gateRoom = ownName('gate');
  const farRoom = ownName('lan');
  for (const room of [gateRoom, farRoom]) {
    tool('ip', 'netns', 'add', room);
    cleanup.add(`namespace ${room}`, () => tool('ip', 'netns', 'del', room));
    tool('ip', '-n', room, 'link', 'set', 'lo', 'up');
  }
  const [gateHost, farHost] = ['10.199.0.2', '10.199.0.1'];
  const peer = ['peer', 'name', 'cable', 'netns', farRoom];
  tool('ip', '-n', gateRoom, 'link', 'add', 'cable', 'type', 'veth', ...peer);
  tool('ip', '-n', gateRoom, 'address', 'add', `${gateHost}/30`, 'dev', 'cable');
  tool('ip', '-n', farRoom, 'address', 'add', `${farHost}/30`, 'dev', 'cable');
  const set = (state: 'up' | 'down'): void => {
    tool('ip', '-n', farRoom, 'link', 'set', 'cable', state);
  };
  tool('ip', '-n', gateRoom, 'link', 'set', 'cable', 'up');
  set('up');
  return {
    ...{ gateRoom, gateHost, farRoom, farHost },
    pull: () => set('down'),
    plug: () => set('up'),
  };
}
