import { accessibilityFaults } from '@foyer/platform/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launchChromium } from './chromium.ts';
import type { Chromium } from './chromium.ts';
import { gallery, galleryMs } from './gallery.ts';
import { isBlankFrame } from './glass.ts';
import { badlyPlaced, badlyReadable, smallestText } from './testing/inspect.ts';
import { makeProgramme } from './testing/programme.ts';
import { showCase, uppermostText } from './testing/show-case.ts';
import { StandInPlayer } from './testing/stand-in-player.ts';
import { untilTrue } from './wait.ts';

const sizes = [
  [640, 360],
  [1280, 720],
  [3840, 2160],
  [360, 640],
  [1080, 1920],
] as const;

/** 2 % of the shorter side: 3 mm on a panel of 10 inches, 1 cm on one of 40. */
const leastShare = 0.018;

let chromium: Chromium;
let page: Page;
const player = new StandInPlayer('gallery-1');

beforeAll(async () => {
  player.atMs = galleryMs;
  await player.start();
  chromium = await launchChromium();
  page = await chromium.browser.newPage();
  await page.goto(player.url);
});

afterAll(async () => {
  await chromium?.close();
  await player.stop();
});

for (const [width, height] of sizes) {
  test(`every template is whole and can be read at ${width}x${height}`, async () => {
    await page.setViewportSize({ width, height });
    await page.goto(player.url);
    const found: Record<string, unknown> = {};
    for (const shown of gallery) {
      await showCase(page, player, shown);
      const text = String(await page.evaluate(uppermostText)).toLowerCase();
      const missing = shown.words.filter((word) => !text.includes(word.toLowerCase()));
      const placed = (await page.evaluate(badlyPlaced)) as string[];
      const readable = (await page.evaluate(badlyReadable)) as string[];
      const share = Number(await page.evaluate(smallestText));
      const small = share < leastShare ? [`smallest text ${share.toFixed(4)}`] : [];
      const isBlank = width < 3000 && (await isBlankFrame(await page.screenshot()));
      const blank = isBlank ? ['blank'] : [];
      const faults = [...missing, ...placed, ...readable, ...small, ...blank];
      if (faults.length > 0) found[shown.name] = faults;
    }
    expect(found).toEqual({});
  }, 240_000);
}

test('every template keeps WCAG 2.2 AA, by the rules of axe', async () => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto(player.url);
  const found: Record<string, readonly string[]> = {};
  for (const shown of gallery) {
    await showCase(page, player, shown);
    const faults = await accessibilityFaults(page);
    if (faults.length > 0) found[shown.name] = faults;
  }
  expect(found).toEqual({});
  // That it looks at all:
  await page.evaluate("document.documentElement.removeAttribute('lang')");
  expect(String(await accessibilityFaults(page))).toContain('html-has-lang');
}, 120_000);

test('a bright brand, too, is drawn so that it can be read', async () => {
  await page.setViewportSize({ width: 1280, height: 720 });
  for (const brand of [
    { name: 'Lemon', ground: '#ffe94d', accent: '#ffd000' },
    { name: 'Grey', ground: '#808080', accent: '#7a7a7a' },
  ]) {
    const [shown] = gallery;
    if (!shown) throw new Error('The gallery is empty.');
    const { programme } = shown;
    const signage = { ...programme.signage, brand };
    const hash = programme.hash.replace(/^.{8}/, brand.ground.slice(1).padEnd(8, '0'));
    await showCase(page, player, { ...shown, programme: { ...programme, signage, hash } });
    expect(await page.evaluate(badlyReadable)).toEqual([]);
  }
});

test('a door sign keeps to its theatre in the night that the clocks go back', async () => {
  // 01:55 in New York for the first time that night; the show begins at 01:10, the second one.
  const sign = new StandInPlayer('door-1');
  sign.atMs = Date.UTC(2026, 10, 1, 5, 55);
  await sign.start();
  const tab = await chromium.browser.newPage({ viewport: { width: 540, height: 960 } });
  try {
    sign.setProgramme(
      makeProgramme({
        screens: [{ screenId: 'door-1', auditorium: '1', kind: 'door' }],
        items: [{ itemId: 'door', content: { kind: 'board', board: 'door' }, durationMs: 60_000 }],
        shows: [{ startsAtMs: Date.UTC(2026, 10, 1, 6, 10) }],
        timeZone: 'America/New_York',
      }),
    );
    await tab.goto(sign.url);
    await untilTrue(tab, "globalThis.foyer?.stats().playing === 'door'");
    const text = String(await tab.evaluate(uppermostText));
    expect(text).toContain('01:55');
    expect(text).toContain('01:10');
    expect(text).toContain('Now seating');
  } finally {
    await tab.close();
    await sign.stop();
  }
});
