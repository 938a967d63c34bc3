// Installs the npm packages that package-lock.json names, unless they are there already.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { rootDir } from '../bundles.mjs';
import { runLogged } from './progress.mjs';

const modulesDir = join(rootDir, 'node_modules');
const stampFile = join(modulesDir, '.foyer-stamp');
const lockPollMs = 500;

const oldestNode = [20, 19];

const readText = (file) => readFile(file, 'utf8').catch(() => '');
const say = (line) => process.stderr.write(`${line}\n`);

/** What the installed packages depend on: the lock file, and the Node they were compiled for. */
async function wantedStamp() {
  const hash = createHash('sha256').update(await readText(join(rootDir, 'package-lock.json')));
  return `${hash.digest('hex')} ${process.version} ${process.platform} ${process.arch}\n`;
}

// npm leaves a copy of the lock file that says what it put there. Optional packages are for other
// platforms as a rule, and links are the workspaces themselves.
async function packagesMatch() {
  const installed = await readText(join(modulesDir, '.package-lock.json'));
  if (installed === '') return false;
  const have = JSON.parse(installed).packages;
  const want = JSON.parse(await readText(join(rootDir, 'package-lock.json'))).packages;
  return Object.entries(want).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.link) return true;
    if (entry.optional || entry.devOptional || entry.peer) return true;
    return have[path]?.version === entry.version;
  });
}

// In a process of its own: a binary for another Node would stay loaded in this one.
const nativeWorks = () =>
  promisify(execFile)(
    process.execPath,
    ['-e', "new (require('better-sqlite3'))(':memory:').close()"],
    { cwd: rootDir },
  ).then(
    () => true,
    () => false,
  );

// The headers of the Node that runs spare node-gyp a download; JOBS makes it compile in parallel.
function compileEnv() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const hasHeaders = existsSync(join(prefix, 'include', 'node', 'node_version.h'));
  return {
    JOBS: 'max',
    ...(hasHeaders ? { npm_config_nodedir: prefix } : {}),
  };
}

function watchNpm() {
  let fetched = 0;
  return (line) => {
    if (/http fetch GET 200 /.test(line)) {
      fetched += 1;
      return `${fetched} fetched`;
    }
    return /> better-sqlite3@/.test(line) ? 'building better-sqlite3, the slowest step' : undefined;
  };
}

function runNpm(args, title) {
  const npmScript = process.env.npm_execpath;
  const isNpm = npmScript !== undefined && /npm-cli\.c?js$/.test(npmScript);
  return runLogged({
    name: 'install',
    title,
    command: isNpm ? process.execPath : 'npm',
    args: [
      ...(isNpm ? [npmScript] : []),
      ...args,
      '--no-audit',
      '--no-fund',
      '--foreground-scripts',
      '--loglevel=http',
    ],
    env: compileEnv(),
    watch: watchNpm(),
  });
}

async function installPackages() {
  if (await packagesMatch()) {
    if (await nativeWorks()) return true;
    say('better-sqlite3 was compiled for another Node: compiling it again (about 2 minutes).');
    return runNpm(['rebuild', 'better-sqlite3'], 'Compiling better-sqlite3');
  }
  if (existsSync(join(modulesDir, '.package-lock.json'))) {
    say('package-lock.json changed: updating the installed packages.');
    return runNpm(['install'], 'Updating packages');
  }
  say(
    'Installing the npm packages (first start). This takes a few minutes: several hundred packages',
  );
  say('are fetched, and better-sqlite3 is compiled where no prebuilt binary fits this machine.');
  return runNpm(['ci'], 'Installing packages');
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// Two first starts at once would delete each other's node_modules.
async function withInstallLock(work) {
  const lockFile = join(rootDir, 'build', 'install.lock');
  await mkdir(dirname(lockFile), { recursive: true });
  for (let told = false; ;) {
    const handle = await open(lockFile, 'wx').catch(() => undefined);
    if (handle !== undefined) {
      await handle.writeFile(String(process.pid));
      await handle.close();
      break;
    }
    const owner = Number(await readText(lockFile));
    if (owner > 0 && !isAlive(owner)) await rm(lockFile, { force: true });
    else if (!told) say(`Waiting for another installation (process ${owner || 'starting'}).`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, lockPollMs));
  }
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

function nodeIsTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
}

/** Installs what is missing. Answers false, having said why, when that failed. */
export async function ensureInstalled() {
  if (nodeIsTooOld()) {
    say(`Foyer needs Node ${oldestNode.join('.')} or newer; this is ${process.version}.`);
    return false;
  }
  const wanted = await wantedStamp();
  if ((await readText(stampFile)) === wanted) return true;
  return withInstallLock(async () => {
    if ((await readText(stampFile)) === wanted) return true;
    if (!(await installPackages())) {
      say('The packages could not be installed. Where compiling failed, install a compiler and');
      say('Python (Debian: apt-get install build-essential python3), then run this again.');
      return false;
    }
    await writeFile(stampFile, await wantedStamp());
    return true;
  });
}
