// The tests run real programs; this installs those that are missing from Debian's packages.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { runLogged } from './progress.mjs';

const say = (line) => process.stderr.write(`${line}\n`);

function onPath(program) {
  const dirs = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return dirs.some((dir) => dir !== '' && existsSync(join(dir, program)));
}

function hasPostgres() {
  const base = '/usr/lib/postgresql';
  if (onPath('postgres')) return true;
  if (!existsSync(base)) return false;
  return readdirSync(base).some((version) => existsSync(join(base, version, 'bin', 'postgres')));
}

const needs = [
  { name: 'mosquitto', present: () => onPath('mosquitto') },
  { name: 'postgresql', present: hasPostgres },
  { name: 'chromium', present: () => onPath('chromium') },
  { name: 'ffmpeg', present: () => onPath('ffmpeg') },
  { name: 'curl', present: () => onPath('curl') },
  { name: 'jq', present: () => onPath('jq') },
  { name: 'zxing-cpp-tools', present: () => onPath('ZXingReader') },
  // Amazon's own models of its services, which the stand-in for AWS is held against.
  {
    name: 'python3-botocore',
    present: () => existsSync('/usr/lib/python3/dist-packages/botocore/data/greengrassv2'),
  },
  // They compile better-sqlite3 for the arm64 packages of the Greengrass components.
  { name: 'gcc-aarch64-linux-gnu', present: () => onPath('aarch64-linux-gnu-gcc') },
  { name: 'g++-aarch64-linux-gnu', present: () => onPath('aarch64-linux-gnu-g++') },
  {
    name: 'fonts-dejavu-core',
    present: () => existsSync('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'),
  },
];

/** Names of the Debian packages that the tests use and this machine lacks. */
export const missingPackages = () =>
  needs.filter((need) => !need.present()).map((need) => need.name);

/**
 * Installs the missing programs when this is Debian and root; otherwise says what to install. Tests
 * that need one which is still missing fail with a sentence of their own.
 */
export async function ensureDebianPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return true;
  const list = missing.join(' ');
  if (!onPath('apt-get')) {
    say(`The tests also need these programs, by Debian's names: ${list}. Install them.`);
    return false;
  }
  if (process.getuid?.() !== 0) {
    say(`The tests also need: ${list}. Install them with`);
    say(`  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${list}`);
    return false;
  }
  say(`Installing what the tests need from Debian: ${list}. This takes a minute or two.`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const updated = await runLogged({
    name: 'apt-update',
    title: 'Reading package lists',
    command: 'apt-get',
    args: ['update'],
    env,
  });
  if (!updated) return false;
  return runLogged({
    name: 'apt-install',
    title: 'Installing Debian packages',
    command: 'apt-get',
    args: ['install', '-y', '--no-install-recommends', ...missing],
    env,
  });
}
