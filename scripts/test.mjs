// npm test: installs what is missing, then runs every check and every test. Its last line is
// "N passed, N failed", counting each check as one. With arguments, only the tests they name run.

import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { rootDir } from './bundles.mjs';
import { skippedCode } from './checks/audit.mjs';
import { countTests, summaryLine } from './checks/counts.mjs';
import { ensureDebianPackages } from './setup/debian.mjs';
import { ensureInstalled } from './setup/install.mjs';
import { seconds, startProgress } from './setup/progress.mjs';

const bin = (name) => join(rootDir, 'node_modules', '.bin', name);
const script = (path) => [process.execPath, join(rootDir, 'scripts', 'checks', path)];

const checks = [
  { name: 'types', command: [bin('tsc'), '-b'] },
  { name: 'lint', command: [bin('oxlint')] },
  { name: 'import boundaries', command: script('boundaries.mjs') },
  { name: 'unused files and dependencies', command: [bin('knip'), '--no-progress'] },
  { name: 'format', command: [bin('oxfmt'), '--check'] },
  { name: 'file and line lengths', command: script('style.mjs') },
  { name: 'known vulnerabilities in what ships', command: script('audit.mjs') },
];

/** Run after the tests, one after the other: each takes every core. */
const firstSeed = () => {
  const tree = spawnSync('git', ['rev-parse', 'HEAD^{tree}'], { cwd: rootDir, encoding: 'utf8' });
  return Number.parseInt(tree.stdout?.slice(0, 8) || '1', 16);
};
/** Other seeds for each state of the sources, and the same ones again for the same state. */
const freshSeeds = `${firstSeed()}..${firstSeed() + 1_000_000}`;
const foyer = (...args) => [process.execPath, join(rootDir, 'cli', 'bin', 'foyer.mjs'), ...args];
const proofs = [
  {
    name: 'a minute of fresh seeds',
    command: foyer('simulate', '--seeds', freshSeeds, '--for', '60s'),
  },
  { name: 'planted bugs are caught', command: foyer('simulate', '--mutants') },
];

const atOnce = 2;
const resultsFile = join(rootDir, 'build', 'test-results.json');
const sdkResultsFile = join(rootDir, 'build', 'sdk-test-results.json');
const sdkTestsMs = 300_000;
const say = (line) => process.stdout.write(`${line}\n`);

/** @param killAfterMs when the program and those that it started are killed; undefined: never */
function run(command, stdio, killAfterMs) {
  return new Promise((resolve) => {
    let output = '';
    const [program, ...args] = command;
    const child = spawn(program, args, {
      cwd: rootDir,
      stdio,
      detached: killAfterMs !== undefined,
    });
    const patience =
      killAfterMs === undefined
        ? undefined
        : setTimeout(() => process.kill(-Number(child.pid), 'SIGKILL'), killAfterMs);
    const take = (chunk) => {
      output += chunk;
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => {
      clearTimeout(patience);
      resolve({ ok: code === 0, skipped: code === skippedCode, output: output.trimEnd() });
    });
  });
}

async function runCheck({ name, command }) {
  const startMs = Date.now();
  const { ok, skipped, output } = await run(command, ['ignore', 'pipe', 'pipe']);
  say(`${ok ? 'ok  ' : skipped ? 'skip' : 'FAIL'}  ${name}  ${seconds(startMs)}`);
  if (!ok) say(`${output}\n`);
  return ok ? 'passed' : skipped ? 'skipped' : 'failed';
}

async function runChecks() {
  const waiting = [...checks];
  const results = [];
  const progress = startProgress('Checking');
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      results.push(await runCheck(check));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  progress.end();
  return results;
}

async function runProofs() {
  const results = [];
  const progress = startProgress('Simulating');
  for (const proof of proofs) results.push(await runCheck(proof));
  progress.end();
  return results;
}

async function runVitest({ name, args, resultsFile, killAfterMs }) {
  const startMs = Date.now();
  await mkdir(join(rootDir, 'build'), { recursive: true });
  await rm(resultsFile, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile}`];
  const command = [bin('vitest'), 'run', ...reporters, ...args];
  const { ok } = await run(command, 'inherit', killAfterMs);
  const report = await readFile(resultsFile, 'utf8').then(JSON.parse, () => undefined);
  say(`${ok ? 'ok  ' : 'FAIL'}  ${name}  ${seconds(startMs)}`);
  return { ok, report };
}

/**
 * The native library of the AWS SDK now and then corrupts its heap as event streams end, and its
 * crash handler then waits for ever. Its tests have a process of their own, which is ended after a
 * while; where it crashed, and no test failed, they run once more.
 */
async function runSdkTests() {
  const options = {
    name: 'tests of the AWS SDK',
    args: ['.sdk.test.ts'],
    resultsFile: sdkResultsFile,
    killAfterMs: sdkTestsMs,
  };
  const first = await runVitest(options);
  const crashed = !first.ok && (first.report?.numFailedTests ?? 0) === 0;
  const { ok, report } = crashed ? await runVitest(options) : first;
  return countTests(report, ok);
}

async function runTests(args) {
  const whole = args.length === 0;
  const others = whole ? ['--exclude=**/*.sdk.test.ts'] : args;
  const { ok, report } = await runVitest({ name: 'tests', args: others, resultsFile });
  const counts = [countTests(report, ok), ...(whole ? [await runSdkTests()] : [])];
  const sum = (what) => counts.reduce((total, count) => total + count[what], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

async function main(args) {
  if (!(await ensureInstalled())) return 1;
  await ensureDebianPackages();
  const results = args.length === 0 ? await runChecks() : [];
  const tests = await runTests(args);
  if (args.length === 0) results.push(...(await runProofs()));
  const checked = (outcome) => results.filter((result) => result === outcome).length;
  const total = {
    passed: tests.passed + checked('passed'),
    failed: tests.failed + checked('failed'),
    skipped: tests.skipped + checked('skipped'),
  };
  say(summaryLine(total));
  return total.failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
