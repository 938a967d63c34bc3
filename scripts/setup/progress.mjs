// Runs a long command with its output in a log file, and says meanwhile that it is alive.

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { rootDir } from '../bundles.mjs';

const lineEveryMs = 15_000;
const spinEveryMs = 120;
const logTailLines = 40;
const frames = ['|', '/', '-', '\\'];

/** Seconds since `startMs`, for people. */
export const seconds = (startMs) => `${((Date.now() - startMs) / 1000).toFixed(1)} s`;

/** A line that says that something goes on: redrawn on a terminal, every 15 s elsewhere. */
export function startProgress(title, stream = process.stderr) {
  const startMs = Date.now();
  let note = '';
  let frame = 0;
  const text = () => `${title}: ${Math.round((Date.now() - startMs) / 1000)} s${note}`;
  const draw = () => {
    frame = (frame + 1) % frames.length;
    const line = `${frames[frame]} ${text()}`.slice(0, (stream.columns ?? 100) - 1);
    stream.write(`\r${line}\u001b[K`);
  };
  const timer = stream.isTTY
    ? setInterval(draw, spinEveryMs)
    : setInterval(() => stream.write(`  ${text()}\n`), lineEveryMs);
  return {
    note(words) {
      note = words === '' ? '' : ` (${words})`;
    },
    end() {
      clearInterval(timer);
      if (stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}

async function tail(file) {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-logTailLines).join('\n');
}

/**
 * Runs a command, its output in build/logs/NAME.log. `watch` turns a line of output into a few
 * words for the progress line, or answers undefined. On failure the log's end is shown.
 * @returns whether the command succeeded.
 */
export async function runLogged({ name, title, command, args, env, watch = () => undefined }) {
  const startMs = Date.now();
  const logFile = join(rootDir, 'build', 'logs', `${name}.log`);
  await mkdir(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  const progress = startProgress(title);
  const code = await new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: rootDir,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (chunk) => {
      log.write(chunk);
      for (const line of String(chunk).split('\n')) {
        const words = watch(line);
        if (words !== undefined) progress.note(words);
      }
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => {
      log.write(`${error.message}\n`);
      resolve(1);
    });
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  progress.end();
  await new Promise((resolve) => log.end(resolve));
  const ok = code === 0;
  process.stderr.write(`${title}: ${ok ? 'done' : 'failed'} after ${seconds(startMs)}\n`);
  if (!ok) process.stderr.write(`${await tail(logFile)}\nThe whole output is in ${logFile}\n`);
  return ok;
}
