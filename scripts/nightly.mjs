// npm run nightly: an hour of fresh seeds, planted bugs, real faults and fuzzing, one after the
// other. Each command says how to see again what it found; the exit code tells whether any did.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { rootDir } from './bundles.mjs';

const commands = [
  'simulate --for 25m --json',
  'simulate --mutants --json',
  'torture --minutes 20 --json',
  'fuzz --seconds 600 --json',
];

function run(command) {
  return new Promise((resolve) => {
    process.stdout.write(`npx foyer ${command}\n`);
    const args = [join(rootDir, 'cli', 'bin', 'foyer.mjs'), ...command.split(' ')];
    const child = spawn(process.execPath, args, { cwd: rootDir, stdio: 'inherit' });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}

const failed = [];
for (const command of commands) if (!(await run(command))) failed.push(command);
process.stdout.write(
  failed.length === 0 ? 'Nothing was broken.\n' : `Broken: ${failed.join(', ')}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
