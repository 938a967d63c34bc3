import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makeTempDir, removeTempDir, waitFor } from '@foyer/platform/testing';

/** A headless Chromium with its remote control open on loopback. */
export interface TestChromium {
  readonly debugUrl: string;
  /** True while its process runs. */
  readonly runs: boolean;
  close(): Promise<void>;
}

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable'];

/** Starts the system's Chromium at an address. @throws where there is none. */
export async function startChromium(url: string): Promise<TestChromium> {
  const file = paths.find((path) => existsSync(path));
  if (file === undefined) throw new Error('This test needs Chromium: apt-get install chromium.');
  const dir = makeTempDir('chromium');
  const child = spawn(
    file,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--remote-debugging-port=0',
      `--user-data-dir=${dir}`,
      '--window-size=1920,1080',
      url,
    ],
    { stdio: 'ignore' },
  );
  let runs = true;
  child.once('exit', () => {
    runs = false;
  });
  let port = '';
  await waitFor(
    'Chromium to listen',
    async () => {
      const text = await readFile(join(dir, 'DevToolsActivePort'), 'utf8').catch(() => '');
      port = text.split('\n')[0] ?? '';
      return port !== '';
    },
    30_000,
  );
  return {
    debugUrl: `http://127.0.0.1:${port}`,
    get runs() {
      return runs;
    },
    close: () => endChromium(child, dir, () => runs),
  };
}

async function endChromium(child: ChildProcess, dir: string, runs: () => boolean): Promise<void> {
  if (runs()) child.kill('SIGKILL');
  await waitFor('Chromium to end', () => !runs());
  removeTempDir(dir);
}
