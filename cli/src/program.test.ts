import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { assetFile } from '@foyer/platform/home';
import { expect, test } from 'vitest';

import { createOutput } from './output.ts';

function foyer(args: readonly string[], cwd?: string) {
  return spawnSync(process.execPath, [assetFile('cli/bin/foyer.mjs'), ...args], {
    cwd,
    encoding: 'utf8',
  });
}

test('an unknown command names the next step and exits with 2', () => {
  const { status, stdout, stderr } = foyer(['fly']);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain("unknown command 'fly'");
  expect(stderr).toContain('foyer --help');
});

test('an unknown option of a command names the next step, too', () => {
  const { status, stderr } = foyer(['bench', '--nonsense']);
  expect(status).toBe(2);
  expect(stderr).toContain('foyer --help');
});

test('help lists the commands and exits with 0, from any directory', () => {
  const { status, stdout } = foyer(['--help'], join(assetFile('scripts'), 'checks'));
  expect(status).toBe(0);
  expect(stdout).toContain('bench');
});

test('with --json the result is one JSON object on the last line; progress is elsewhere', () => {
  const out: string[] = [];
  const err: string[] = [];
  const output = createOutput(
    { json: true },
    { stdout: { write: (text) => out.push(text) }, stderr: { write: (text) => err.push(text) } },
  );
  output.progress('working');
  output.line('a line');
  output.result({ seeds: 3, list: [1] }, 'three seeds');
  expect(out).toEqual(['a line\n', '{"seeds":3,"list":[1]}\n']);
  expect(err).toEqual(['working\n']);
});

test('without --json the result is for people', () => {
  const out: string[] = [];
  const stream = { write: (text: string) => out.push(text) };
  createOutput({}, { stdout: stream, stderr: stream }).result({ seeds: 3, list: [1] });
  expect(out.join('')).toBe('seeds: 3\nlist: [1]\n');
});
