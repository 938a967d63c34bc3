// Known vulnerabilities in what is shipped: `npm audit` without the development dependencies. Each
// finding is either gone or answered in audit-answers.json: {id, package, why, until}, where `why`
// says in a sentence why it does not apply to Foyer and `until` is the day it is looked at again.
//
// Ends with 0 when nothing is open, 1 when something is, 77 when the registry does not answer
// audits; with --required the last is a failure, too.

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rootDir } from '../bundles.mjs';

/** Exit code of a check that could not look. */
export const skippedCode = 77;
const patienceMs = 60_000;
const dayPattern = /^\d{4}-\d\d-\d\d$/;

/**
 * @typedef {{ id: string, package: string, severity: string, title: string, url: string }} Finding
 * @typedef {{ id: string, package: string, why: string, until: string }} Answer
 */

/** The advisory's number: the last part of its address, or npm's own where it has none. */
function advisoryId({ url, source }) {
  return /GHSA(-[0-9a-z]{4}){3}$/.exec(url ?? '')?.[0] ?? `npm-${source}`;
}

/**
 * The advisories of a report, each once for each package. Packages that are affected only through
 * another one are left out: the other one is in the report itself.
 * @returns {Finding[]}
 */
export function findingsOf(report) {
  const found = new Map();
  for (const { via } of Object.values(report.vulnerabilities)) {
    for (const advisory of via) {
      if (typeof advisory === 'string') continue;
      const { name, severity, title, url } = advisory;
      const id = advisoryId(advisory);
      found.set(`${id} ${name}`, { id, package: name, severity, title, url });
    }
  }
  return [...found.values()];
}

/** @param {Answer} answer */
function faultOf(answer) {
  const { id, package: name, why, until } = answer;
  if (typeof id !== 'string' || typeof name !== 'string') return 'names no id or no package';
  if (typeof why !== 'string' || why.trim().length < 20) return 'does not say why in a sentence';
  return dayPattern.test(until) ? null : 'has no day `until`, as 2027-01-31';
}

/**
 * Decides what npm audit's answer means. `today` as 2027-01-31.
 * @param {unknown} report npm's JSON
 * @param {Answer[]} answers
 * @param {string} today
 * @returns {{ outcome: 'clean' | 'open' | 'skipped', lines: string[] }}
 */
export function judgeAudit(report, answers, today) {
  if (report === null || typeof report !== 'object' || !('vulnerabilities' in report)) {
    const reason = report?.message ?? report?.error?.summary ?? report?.error?.code ?? 'no reason';
    return { outcome: 'skipped', lines: [`The registry does not answer audits: ${reason}`] };
  }
  const findings = findingsOf(report);
  const lines = answers.flatMap((answer, index) => {
    const fault = faultOf(answer);
    return fault === null ? [] : [`answer ${index + 1} ${fault}`];
  });
  const open = findings.filter(({ id, package: name }) => {
    const answer = answers.find((one) => one.id === id && one.package === name);
    if (answer === undefined) return true;
    if (today <= answer.until) return false;
    lines.push(`${id} ${name}: its answer held until ${answer.until}; look at it again`);
    return false;
  });
  for (const { id, package: name, severity, title, url } of open) {
    lines.push(`${id} ${name} (${severity}): ${title} ${url}`);
  }
  return { outcome: lines.length === 0 ? 'clean' : 'open', lines };
}

/** Answers to findings that npm no longer reports: they can go. */
export function staleAnswers(report, answers) {
  const found = new Set(findingsOf(report).map(({ id, package: name }) => `${id} ${name}`));
  return answers.filter(({ id, package: name }) => !found.has(`${id} ${name}`));
}

function runNpm() {
  const flags = ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=20000'];
  return new Promise((resolve, reject) => {
    const child = spawn('npm', flags, { cwd: rootDir, stdio: ['ignore', 'pipe', 'ignore'] });
    const patience = setTimeout(() => child.kill(), patienceMs);
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(patience);
      resolve(text);
    });
  });
}

function parse(text) {
  if (text.trim() === '') return { message: `no answer within ${patienceMs / 1000} s` };
  return JSON.parse(text);
}

async function main(args) {
  const report = parse(await runNpm());
  const file = join(rootDir, 'scripts', 'checks', 'audit-answers.json');
  const answers = JSON.parse(await readFile(file, 'utf8'));
  const { outcome, lines } = judgeAudit(report, answers, new Date().toISOString().slice(0, 10));
  for (const line of lines) process.stdout.write(`${line}\n`);
  if (outcome === 'skipped') {
    process.stdout.write('skipped: what ships was not audited\n');
    return args.includes('--required') ? 1 : skippedCode;
  }
  for (const { id, package: name } of staleAnswers(report, answers)) {
    process.stdout.write(`${id} ${name} is no longer reported: its answer can go\n`);
  }
  process.stdout.write(
    `${findingsOf(report).length} findings in what ships, ${lines.length} open\n`,
  );
  return outcome === 'open' ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
