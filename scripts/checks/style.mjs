// Sizes that keep files readable, over every kind of source that oxlint does not measure as well.

import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rootDir } from '../bundles.mjs';

const maxLines = 400;
const maxColumns = 100;
const kinds = /\.(ts|mts|mjs|cjs|js|css|html)$/;
const skipped = new Set([
  'node_modules',
  'build',
  'fixtures',
  'docs',
  '.git',
  '.foyer',
  'coverage',
]);

// A line that holds nothing but an address cannot be broken.
const unbreakable = /^\W*https?:\/\/\S+$/;

async function* sourceFiles(dir) {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (entry.isFile() && kinds.test(entry.name)) yield path;
  }
}

/** Everything in `dir` that is too long: sentences that name the file and the line. */
export async function styleProblems(dir) {
  const problems = [];
  let files = 0;
  for await (const path of sourceFiles(dir)) {
    files += 1;
    const name = relative(dir, path);
    const lines = (await readFile(path, 'utf8')).replace(/\n$/, '').split('\n');
    if (lines.length > maxLines) problems.push(`${name}: ${lines.length} lines, over ${maxLines}`);
    lines.forEach((line, index) => {
      const columns = [...line].length;
      if (columns <= maxColumns || unbreakable.test(line)) return;
      problems.push(`${name}:${index + 1}: ${columns} columns, over ${maxColumns}`);
    });
  }
  return { files, problems };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, problems } = await styleProblems(process.argv[2] ?? rootDir);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(`${files} files read, ${problems.length} too long\n`);
  process.exitCode = files === 0 || problems.length > 0 ? 1 : 0;
}
