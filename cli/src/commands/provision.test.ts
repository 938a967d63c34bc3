import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { registerProvision } from './provision.ts';

let dir = '';

beforeEach(() => {
  dir = makeTempDir('provision-command');
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(() => {
  vi.restoreAllMocks();
  removeTempDir(dir);
});

/** Runs the command; words in capitals are directories below the test's own. */
async function provision(words: readonly string[]): Promise<void> {
  const args = words.map((word) => (/^[A-Z]/.test(word) ? join(dir, word) : word));
  const program = new Command();
  registerProvision(program);
  await program.parseAsync(['provision', ...args], { from: 'user' });
}

function helpText(): string {
  const program = new Command();
  registerProvision(program);
  const [command] = program.commands;
  let text = '';
  command?.configureOutput({ writeOut: (part) => (text += part) });
  command?.outputHelp();
  return text;
}

test('every command that the help shows works, one after the other', async () => {
  const lines = [...helpText().matchAll(/^ {2}foyer provision (.*)$/gm)].map(([, args]) => args);
  expect(lines).toHaveLength(8);
  for (const line of lines) await provision(line?.split(' ') ?? []);
  for (const name of ['GATE-1/gate-1', 'THEATRE-7/theatre.mqtt', 'AUTHORITY/theatre-ca'])
    expect(statSync(join(dir, `${name}.key`)).mode & 0o777).toBe(0o600);
});

test.each([
  ['--theatre 7 --node gate-1', '--out'],
  ['--node gate-1 --out HERE', '--theatre'],
  ['--theatre 7 --node GATE --out HERE', '--node'],
  ['--theatre 7 --node gate-1 --out HERE --role usher', '--role'],
  ['--mqtt --theatre 7 --out HERE', '--node'],
  ['--theatre 7 --rotate-ca', '--ca'],
  ['--ca HERE --drop-old-ca', '--theatre'],
])('%s: the option that is missing or wrong is named, nothing is written', async (line, named) => {
  await expect(provision(line.split(' '))).rejects.toThrow(named);
  expect(existsSync(join(dir, 'HERE'))).toBe(false);
});
