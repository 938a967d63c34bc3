import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { accessibilityFaults } from '@foyer/platform/testing';
import { chromium, type Browser } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { runTheatre } from '../up/run.ts';

const executablePath = '/usr/bin/chromium';

let dir: string;
let stop: AbortController;
let running: Promise<unknown> | undefined;
let browser: Browser | undefined;

beforeEach(async () => {
  if (!existsSync(executablePath)) {
    throw new Error('Chromium is not installed: run apt-get install chromium, then again.');
  }
  dir = await mkdtemp(join(tmpdir(), 'foyer-console-'));
  stop = new AbortController();
});

afterEach(async () => {
  await browser?.close();
  stop.abort();
  await running;
  await rm(dir, { recursive: true, force: true });
}, 60_000);

/** Brings a theatre up and answers the address of its console. */
function consoleOfTheatre(): Promise<string> {
  return new Promise((resolve, reject) => {
    running = runTheatre({
      gates: 1,
      boxes: 1,
      seed: 5,
      loadMs: 120_000,
      faults: [],
      dir,
      consolePort: 0,
      signal: stop.signal,
      progress: (line) => {
        const url = /^Console\s+(\S+)/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      },
    }).catch(reject);
  });
}

test('the page shows admissions as they fall, and its switch cuts the internet', async () => {
  const url = await consoleOfTheatre();
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(url);
  const greens = page.locator('#f-greens');
  await expect.poll(() => greens.textContent(), { timeout: 60_000 }).not.toBe('0');
  const internet = page.getByRole('switch', { name: /internet/i });
  await internet.press('Space');
  await expect.poll(() => internet.getAttribute('aria-checked')).toBe('false');
  await expect.poll(() => page.locator('#running').textContent()).toContain('broken');
  await internet.press('Space');
  await expect.poll(() => internet.getAttribute('aria-checked')).toBe('true');
  const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect(overflow).toBeLessThanOrEqual(0);
  await expect.poll(() => page.locator('.screen h3 a').count(), { timeout: 30_000 }).toBe(6);
  const upright = `[...document.querySelectorAll('.screen-glass')]
    .filter((glass) => glass.clientHeight > glass.clientWidth).length`;
  expect(await page.evaluate(upright)).toBe(2);
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(faults).toEqual([]);
}, 150_000);
