import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort, makeTempDir, removeTempDir, waitFor } from '@foyer/platform/testing';
import { expect, test } from 'vitest';

const kioskDir = fileURLToPath(new URL('../kiosk', import.meta.url));
const script = join(kioskDir, 'foyer-browser');
/** Debian's program behind its start script. */
const chromiumProgram = '/usr/lib/chromium/chromium';

/** The switches that the start script gives, without their dashes and values. */
function switches(): string[] {
  const text = readFileSync(script, 'utf8');
  return [...text.matchAll(/^ {2}--([a-z-]+)/gm)].map((match) => match[1] ?? '');
}

test('every switch of the kiosk is known to the Chromium that is installed', (context) => {
  if (!existsSync(chromiumProgram)) context.skip(`${chromiumProgram} is not there`);
  const program = readFileSync(chromiumProgram);
  const names = switches();
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !program.includes(`\0${name}\0`))).toEqual([]);
});

test('the start script opens the page of its screen, after a crash too, and listens', async () => {
  const dir = makeTempDir('kiosk');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('<!doctype html><title>lobby-1</title>');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const debugPort = await freePort();
  const env = {
    ...process.env,
    XDG_RUNTIME_DIR: dir,
    FOYER_PLAYER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    FOYER_OZONE: 'headless',
    FOYER_BROWSER_FLAGS: '--headless=new --no-sandbox --disable-gpu',
  };
  try {
    for (let starts = 1; starts <= 2; starts += 1) {
      const child = spawn(script, ['lobby-1', String(debugPort)], { env, stdio: 'ignore' });
      const ended = new Promise<void>((resolve) => {
        child.once('exit', () => resolve());
      });
      const pages = (): number => asked.filter((path) => path === '/screens/lobby-1').length;
      await waitFor('the page to be asked for', () => pages() === starts, 30_000);
      await waitFor('the remote control', () => listens(debugPort), 10_000);
      child.kill('SIGKILL');
      await ended;
      await waitFor('the whole browser to end', async () => !(await listens(debugPort)), 10_000);
    }
    expect(existsSync(join(dir, 'foyer-browser-lobby-1'))).toBe(true);
  } finally {
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    removeTempDir(dir);
  }
});

const listens = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/json/version`).then(
    ({ ok }) => ok,
    () => false,
  );

test('systemd finds nothing to say about the units', (context) => {
  if (!existsSync('/usr/bin/systemd-analyze')) context.skip('systemd-analyze is not installed');
  const dir = makeTempDir('units');
  try {
    const units = readdirSync(kioskDir).filter((name) => name.endsWith('.service'));
    expect(units).toHaveLength(4);
    for (const name of units) {
      // Programs and manuals of a kiosk are not on the machine that builds it.
      const text = readFileSync(join(kioskDir, name), 'utf8')
        .replaceAll(/(?:\/usr\/bin\/(?:cage|sway|node)|\/opt\/foyer\/\S+-browser)/g, '/bin/sh')
        .replaceAll(/^Documentation=.*$/gm, '');
      writeFileSync(join(dir, name.replace('@', '@lobby-1')), text);
    }
    writeFileSync(join(dir, 'foyer-agent.service'), '[Service]\nExecStart=/bin/sh\n');
    const files = readdirSync(dir).map((name) => join(dir, name));
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${dir}:` };
    const { stderr } = spawnSync('systemd-analyze', ['verify', ...files], { env });
    const ours = stderr
      .toString()
      .split('\n')
      .filter((line) => line.includes('foyer-'));
    expect(ours).toEqual([]);
  } finally {
    removeTempDir(dir);
  }
});
