import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { homeDir } from '@foyer/platform/home';
import { z } from 'zod';

import { figuresFile, pageFile, readFigures } from './files.ts';
import { guaranteesPage, type Figure, type Figures } from './page.ts';

/*
 * npm run guarantees: runs every command that the page tells of, about half an hour, keeps what
 * they print, and writes the page. With `--page` it only writes the page from what is kept; with
 * words, it runs the commands that hold one of them and keeps the other figures.
 */
const commands = [
  'simulate --seeds 1..500 --json',
  'simulate --mutants --json',
  'torture --minutes 5 --json',
  'fuzz --seconds 60 --json',
];

const resultSchema = z.record(z.string(), z.unknown());

/** Runs a command of foyer; its progress goes to stderr as it comes. */
function run(command: string): Promise<Figure> {
  process.stderr.write(`npx foyer ${command}\n`);
  return new Promise((resolve, reject) => {
    const args = [join(homeDir(), 'cli', 'bin', 'foyer.mjs'), ...command.split(' ')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', () => {
      const line = output.trimEnd().split('\n').at(-1) ?? '';
      const result = resultSchema.parse(JSON.parse(line));
      resolve({ command: `npx foyer ${command}`, result });
    });
  });
}

async function measure(words: readonly string[]): Promise<Figures> {
  const chosen = commands.filter(
    (command) => words.length === 0 || words.some((word) => command.includes(word)),
  );
  const kept = words.length === 0 ? [] : readFigures().figures;
  const figures: Figure[] = [];
  for (const command of commands) {
    const old = kept.find((figure) => figure.command === `npx foyer ${command}`);
    if (chosen.includes(command)) figures.push(await run(command));
    else if (old !== undefined) figures.push(old);
  }
  const { length: cores } = cpus();
  return { ranOn: `${cores} cores (${cpus()[0]?.model}), Node ${process.version}`, figures };
}

const args = process.argv.slice(2);
const figures = args.includes('--page') ? readFigures() : await measure(args);
writeFileSync(figuresFile(), `${JSON.stringify(figures, null, 2)}\n`);
writeFileSync(pageFile(), guaranteesPage(figures));
