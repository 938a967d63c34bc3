import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { freePort, makeTempDir, removeTempDir, waitFor } from '@foyer/platform/testing';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { Glass } from './glass.ts';
import { makeProgramme } from './testing/programme.ts';
import { StandInPlayer } from './testing/stand-in-player.ts';
import { untilTrue } from './wait.ts';

const script = fileURLToPath(
  new URL('../../../signage-player/kiosk/foyer-browser', import.meta.url),
);

/** 0 is black, 255 is white, over the whole page. */
async function brightnessOf(page: Page): Promise<number> {
  const { channels } = await sharp(await page.screenshot()).stats();
  return Math.max(...channels.map(({ mean }) => mean));
}

test('a display whose player is away is dark and not empty, then shows its page', async () => {
  const dir = makeTempDir('kiosk-start');
  const player = new StandInPlayer('lobby-1');
  await player.start();
  const { origin } = new URL(player.url);
  await player.stop();
  const debugPort = await freePort();
  const child = spawn(script, ['lobby-1', String(debugPort)], {
    env: {
      ...process.env,
      XDG_RUNTIME_DIR: dir,
      FOYER_PLAYER: origin,
      FOYER_OZONE: 'headless',
      FOYER_BROWSER_FLAGS: '--headless=new --no-sandbox --disable-gpu --window-size=640,360',
    },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  try {
    const debugUrl = `http://127.0.0.1:${debugPort}`;
    await waitFor(
      'the browser',
      () =>
        fetch(`${debugUrl}/json/version`).then(
          ({ ok }) => ok,
          () => false,
        ),
      30_000,
    );
    const browser = await chromium.connectOverCDP(debugUrl);
    const page = browser.contexts()[0]?.pages()[0];
    if (page === undefined) throw new Error('The browser has no page.');
    await untilTrue(page, "document.title === 'lobby-1'");
    expect(await brightnessOf(page)).toBeLessThan(80);
    const glass = await Glass.watch(page);
    player.setProgramme(
      makeProgramme({
        screens: [{}],
        items: [{ itemId: 'board', content: { kind: 'board', board: 'showtimes' } }],
      }),
    );
    await player.start();
    await page.waitForURL(player.url);
    await untilTrue(page, "globalThis.foyer?.stats().playing === 'board'", 30_000);
    expect(await brightnessOf(page)).toBeLessThan(80);
    const { frames, brightest } = await glass.stop();
    expect(frames).toBeGreaterThan(0);
    expect(brightest).toBeLessThan(80);
    await browser.close();
  } finally {
    child.kill('SIGKILL');
    await ended;
    await player.stop();
    removeTempDir(dir);
  }
}, 90_000);
