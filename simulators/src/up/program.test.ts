import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { Program } from './program.ts';

let dir: string;
let programs: Program[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'foyer-program-'));
  programs = [];
});

afterEach(async () => {
  for (const program of programs) await program.kill();
  await rm(dir, { recursive: true, force: true });
});

async function program(code: string, more: object = {}): Promise<Program> {
  const file = join(dir, 'program.mjs');
  await writeFile(file, code);
  const made = new Program({ name: 'subject', file, dir, ...more });
  programs.push(made);
  return made;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const serving = `
  console.log('{"ready":true,"port":4711}');
  setInterval(() => undefined, 1000);
`;

test('it is ready when its line says so, and is gone when it was stopped', async () => {
  const subject = await program(serving);
  expect(await subject.start({ a: 1 })).toMatchObject({ ready: true, port: 4711 });
  const pid = subject.pid ?? 0;
  expect(isAlive(pid)).toBe(true);
  await subject.stop();
  expect(isAlive(pid)).toBe(false);
  expect(subject.running).toBe(false);
});

test('a program that ends at its start is reported with its last words', async () => {
  const subject = await program('console.error("the disk is on fire"); process.exit(3);');
  await expect(subject.start({})).rejects.toThrow(
    /subject ended at its start \(code 3\).*the disk is on fire/,
  );
  expect(subject.running).toBe(false);
});

test('a death that nobody asked for is told, a kill is not', async () => {
  const deaths: string[] = [];
  const subject = await program(`${serving} process.stdin.on('data', () => process.exit(7));`, {
    onDeath: (how: string) => deaths.push(how),
  });
  await subject.start({});
  await subject.kill();
  expect(deaths).toEqual([]);
  await subject.start({});
  subject.say('go');
  await expect.poll(() => deaths).toEqual(['code 7']);
});

test('it can be started again after a kill; lines after the ready line are handed on', async () => {
  const lines: string[] = [];
  const subject = await program(`${serving} console.log('hello');`, {
    onLine: (line: string) => lines.push(line),
  });
  await subject.start({});
  await expect.poll(() => lines).toEqual(['hello']);
  await subject.kill();
  await subject.start({});
  await expect.poll(() => lines).toEqual(['hello', 'hello']);
});
