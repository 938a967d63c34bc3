import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import type { Browser, BrowserServer, BrowserType } from 'playwright-core';

/** A headless Chromium that ends with `close`, and with this process at the latest. */
export interface Chromium {
  readonly browser: Browser;
  readonly pid: number;
  /** Idempotent; a browser that does not end by itself is killed. */
  close(): Promise<void>;
}

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const closeMs = 5000;

const flags = [
  // Its sandbox asks for user namespaces, which containers and build machines seldom have.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--mute-audio',
  '--autoplay-policy=no-user-gesture-required',
  '--enable-precise-memory-info',
];

/** The system's Chromium; undefined where there is none. */
export function findChromium(path = process.env.PATH ?? ''): string | undefined {
  for (const name of names) {
    for (const dir of path.split(':')) {
      const file = join(dir, name);
      if (dir !== '' && existsSync(file)) return file;
    }
  }
  return undefined;
}

async function loadPlaywright(): Promise<{ chromium: BrowserType }> {
  try {
    return await import('playwright-core');
  } catch (error) {
    throw new FoyerError('dependency-missing', 'The package playwright-core is not installed.', {
      cause: error,
    });
  }
}

/**
 * Starts the system's Chromium without a window, rendering in software.
 *
 * @throws {FoyerError} `dependency-missing` when there is no Chromium, or it does not start.
 */
export async function launchChromium(extraFlags: readonly string[] = []): Promise<Chromium> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new FoyerError(
      'dependency-missing',
      'Chromium is not installed: screens need it (Debian: apt-get install chromium).',
    );
  }
  const { chromium } = await loadPlaywright();
  let server: BrowserServer;
  try {
    server = await chromium.launchServer({
      executablePath,
      headless: true,
      args: [...flags, ...extraFlags],
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  } catch (error) {
    throw new FoyerError('dependency-missing', `${executablePath} does not start.`, {
      cause: error,
    });
  }
  const pid = server.process().pid ?? 0;
  const kill = (): void => killTree(pid);
  process.once('exit', kill);
  const browser = await chromium.connect(server.wsEndpoint());
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await Promise.race([
      server.close().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, closeMs)),
    ]);
    kill();
    process.removeListener('exit', kill);
  };
  return { browser, pid, close: () => (closing ??= close()) };
}

// Chromium leads a process group of its own: its renderers go with it.
function killTree(pid: number): void {
  if (pid <= 1) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
