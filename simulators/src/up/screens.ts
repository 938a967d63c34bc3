import { isFoyerError } from '@foyer/contracts';

import { openScreens } from '../browser/index.ts';
import type { OpenScreens } from '../browser/index.ts';
import { boxIds, playerOf } from '../world/index.ts';
import type { Observer } from './observer.ts';
import type { Theatre } from './theatre.ts';

/** What the displays amounted to; null where no browser could show them. */
export interface ScreenCounts {
  /** Plays that ended, as the pages counted them. */
  readonly plays: number | null;
  /** Milliseconds in which a page had nothing on it, over all displays. */
  readonly blankMs: number | null;
}

/** Software rendering of six displays on two cores: small is enough to count plays. */
const longerSidePx = 640;

/** The displays of a run: a tab of one headless Chromium for each screen of the house. */
export class Screens {
  readonly #open: OpenScreens | undefined;

  private constructor(open: OpenScreens | undefined) {
    this.#open = open;
  }

  /** Opens a tab for each screen; without Chromium it says why and shows nothing. */
  static async open(
    theatre: Theatre,
    observer: Observer,
    progress: (line: string) => void,
  ): Promise<Screens> {
    const { boxes } = theatre.settings;
    await theatre.contentLoaded().catch(() => undefined);
    const lists = await Promise.all(boxIds(boxes).map((box) => observer.screens(box)));
    const urls = boxIds(boxes).flatMap((box, index) =>
      (lists[index] ?? [])
        .filter(({ nodeId }) => nodeId === box)
        .map(({ screenId, widthPx, heightPx }) => {
          const scale = longerSidePx / Math.max(widthPx, heightPx);
          const viewport = {
            width: Math.round(widthPx * scale),
            height: Math.round(heightPx * scale),
          };
          return { screenId, viewport, url: `${theatre.urlOf(playerOf(box))}/screens/${screenId}` };
        }),
    );
    try {
      return new Screens(await openScreens(urls));
    } catch (error) {
      if (!isFoyerError(error)) throw error;
      progress(`No screens are shown: ${error.message} ${error.whatToDo}`);
      return new Screens(undefined);
    }
  }

  /** Ends what plays and counts it; nothing plays after that. */
  async stop(): Promise<ScreenCounts> {
    if (this.#open === undefined) return { plays: null, blankMs: null };
    return this.#open.stop();
  }

  async close(): Promise<void> {
    await this.#open?.close();
  }
}
