// Who imports whom (.dependency-cruiser.cjs). A cruise that read nothing passes every rule, so the
// number of modules is checked, too.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rootDir } from '../bundles.mjs';

const maxOutputBytes = 64 * 1024 * 1024;

function cruise(dir, paths) {
  const program = join(
    rootDir,
    'node_modules',
    'dependency-cruiser',
    'bin',
    'dependency-cruise.mjs',
  );
  const args = [program, '--config', '.dependency-cruiser.cjs', '-T', 'json', ...paths];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { cwd: dir, maxBuffer: maxOutputBytes },
      (error, stdout, stderr) => {
        if (stdout.startsWith('{')) resolve(JSON.parse(stdout));
        else reject(new Error(`dependency-cruiser failed: ${stderr || stdout || error?.message}`));
      },
    );
  });
}

/**
 * Imports that break a rule, and how many modules of ours were read, in the tree at `dir`.
 * @param {string} dir
 * @returns {Promise<{ modules: number, workspaces: number,
 *   problems: { rule: string, from: string, to: string }[] }>}
 */
export async function boundaryProblems(dir) {
  const { workspaces } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8'));
  const { modules, summary } = await cruise(
    dir,
    workspaces.map((name) => `${name}/src`),
  );
  const ours = modules.filter(({ source }) => workspaces.some((w) => source.startsWith(`${w}/`)));
  const problems = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return { modules: ours.length, workspaces: workspaces.length, problems };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { modules, workspaces, problems } = await boundaryProblems(process.argv[2] ?? rootDir);
  for (const { rule, from, to } of problems) process.stdout.write(`${rule}: ${from} -> ${to}\n`);
  process.stdout.write(`${modules} modules read, ${problems.length} imports out of bounds\n`);
  process.exitCode = modules < workspaces || problems.length > 0 ? 1 : 0;
}
