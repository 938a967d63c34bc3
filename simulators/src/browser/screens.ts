import type { Page } from 'playwright-core';

import { launchChromium } from './chromium.ts';

/** What a page says of itself: `globalThis.foyer.stats()`. */
export interface ScreenStats {
  /** Plays that ended. */
  readonly plays: number;
  readonly blankMs: number;
  /** Plays that the player has not taken over yet. */
  readonly queued: number;
  readonly playing: string | null;
}

/** Screens that are being shown, a tab each. */
export interface OpenScreens {
  readonly pages: ReadonlyMap<string, Page>;
  readonly pid: number;
  stats(): Promise<Map<string, ScreenStats>>;
  /** Ends every play, waits until the players have them all (10 s), and counts. */
  stop(): Promise<{ plays: number; blankMs: number }>;
  /** Idempotent; ends the browser, whatever state it is in. */
  close(): Promise<void>;
}

interface ScreenUrl {
  readonly screenId: string;
  readonly url: string;
  readonly viewport: { readonly width: number; readonly height: number };
}

const openTimeoutMs = 60_000;
const openTries = 20;
const againMs = 500;

/**
 * Opens a tab for each screen in one headless Chromium.
 *
 * @throws {FoyerError} `dependency-missing` when there is no Chromium.
 */
export async function openScreens(urls: readonly ScreenUrl[]): Promise<OpenScreens> {
  const chromium = await launchChromium();
  const pages = new Map<string, Page>();
  try {
    for (const { screenId, url, viewport } of urls) {
      const page = await chromium.browser.newPage({ viewport });
      pages.set(screenId, page);
      await open(page, url);
    }
  } catch (error) {
    await chromium.close();
    throw error;
  }
  return {
    pages,
    pid: chromium.pid,
    stats: () => statsOf(pages),
    async stop() {
      await Promise.all([...pages.values()].map((page) => evaluate(page, 'foyer.stop()')));
      const stats = [...(await statsOf(pages)).values()];
      // A page that plays nothing looks broken to its player, which would load it anew.
      await Promise.all([...pages.values()].map((page) => page.close()));
      return {
        plays: stats.reduce((sum, { plays }) => sum + plays, 0),
        blankMs: stats.reduce((sum, { blankMs }) => sum + blankMs, 0),
      };
    },
    close: () => chromium.close(),
  };
}

// A player that has just started, or is being started again, may refuse for a moment.
async function open(page: Page, url: string): Promise<void> {
  for (let left = openTries; ; left -= 1) {
    try {
      await page.goto(url, { timeout: openTimeoutMs, waitUntil: 'load' });
      return;
    } catch (error) {
      if (left <= 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }
}

async function evaluate(page: Page, expression: string): Promise<unknown> {
  try {
    return await page.evaluate(expression);
  } catch {
    return null;
  }
}

async function statsOf(pages: ReadonlyMap<string, Page>): Promise<Map<string, ScreenStats>> {
  const entries = await Promise.all(
    [...pages].map(async ([screenId, page]): Promise<[string, ScreenStats]> => {
      const stats = await evaluate(page, 'globalThis.foyer?.stats() ?? null');
      return [screenId, (stats as ScreenStats | null) ?? empty];
    }),
  );
  return new Map(entries);
}

const empty: ScreenStats = { plays: 0, blankMs: 0, queued: 0, playing: null };
