import { boardSchema } from '@foyer/contracts';
import { slotAt } from '@foyer/signage-player/schedule';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { silentHouse } from '../world/index.ts';
import { launchChromium } from './chromium.ts';
import { makePicture, mediaRow } from './testing/media.ts';
import { makeProgramme } from './testing/programme.ts';
import { uppermostText } from './testing/show-case.ts';
import { StandInPlayer } from './testing/stand-in-player.ts';
import { untilTrue } from './wait.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The clocks of Dublin go back on the 25th. */
const fromMs = Date.UTC(2026, 9, 10, 12, 0);
const untilMs = fromMs + 30 * dayMs;
/** A day in a second. */
const speed = 86_400;

const seen = `({ nowMs: foyer.probe.clock().now(),
  item: foyer.probe.director().shown?.item.itemId ?? null })`;
const seenSchema = z.object({ nowMs: z.number(), item: z.string().nullable() });

test('a month in a browser: what is on is what the schedule says, and nothing grows', async () => {
  const player = new StandInPlayer('lobby-1');
  player.mode = 'preview';
  player.atMs = fromMs;
  await player.start();
  const pictures = await Promise.all([10, 130].map((hue) => makePicture(hue)));
  const rows = pictures.map((bytes) => mediaRow(player.addFile(bytes, 'image/png'), bytes.length));
  const programme = makeProgramme({
    screens: [{}],
    media: rows,
    items: [
      ...rows.map(({ sha256 }, no) => ({
        itemId: `picture-${no}`,
        content: { kind: 'media' as const, sha256 },
        durationMs: hourMs,
      })),
      // Enough of them that one that sticks is soon not the one that is meant.
      ...['showtimes', 'queue', 'menu', 'promotion', 'countdown', 'wayfinding'].map((name) => ({
        itemId: name,
        content: { kind: 'board' as const, board: boardSchema.parse(name) },
        durationMs: hourMs,
      })),
    ],
  });
  player.setProgramme(programme);
  const chromium = await launchChromium();
  try {
    const page = await chromium.browser.newPage({ viewport: { width: 640, height: 360 } });
    const session = await page.context().newCDPSession(page);
    const heapMb = async (): Promise<number> => {
      for (let turn = 0; turn < 3; turn += 1) await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize / 1_000_000;
    };
    await page.goto(`${player.url}?speed=${speed}`);
    const isAfter = (atMs: number): string => `globalThis.foyer?.probe.clock().now() > ${atMs}`;
    await untilTrue(page, isAfter(fromMs + 2 * dayMs), 60_000);
    const firstMb = await heapMb();
    const isAsMeant = async (): Promise<boolean> => {
      const { nowMs, item } = seenSchema.parse(await page.evaluate(seen));
      return [0, 1, 2].some(
        (hours) =>
          slotAt(programme, 'lobby-1', silentHouse, nowMs - hours * hourMs).item?.itemId === item,
      );
    };
    for (let atMs = fromMs + 3 * dayMs; atMs < untilMs; atMs += dayMs) {
      await untilTrue(page, isAfter(atMs), 60_000);
      // A machine that is busy paints late now and then; a page that sticks stays wrong.
      await expect.poll(isAsMeant, { timeout: 10_000, interval: 10 }).toBe(true);
    }
    const stats = await page.evaluate('foyer.stats()');
    expect(stats).toMatchObject({ blankMs: 0 });
    expect((await heapMb()) - firstMb).toBeLessThan(3);
    await untilTrue(page, "foyer.stats().playing === 'showtimes'", 20_000, 1);
    expect(await page.evaluate(uppermostText)).toMatch(/\d\d:\d\d/);
  } finally {
    await chromium.close();
    await player.stop();
  }
}, 180_000);
