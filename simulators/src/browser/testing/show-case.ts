import type { Page } from 'playwright-core';

import type { GalleryCase } from '../gallery.ts';
import { untilTrue } from '../wait.ts';
import type { StandInPlayer } from './stand-in-player.ts';

/** The text of what is uppermost on a page of a screen. */
export const uppermostText = 'globalThis.foyer?.probe.stage().uppermost.innerText ?? ""';

/** Puts a template on a page that is open, and waits until it is on the glass. */
export async function showCase(
  page: Page,
  player: StandInPlayer,
  shown: GalleryCase,
): Promise<void> {
  player.setProgramme(shown.programme);
  player.setLive(shown.live);
  const isOn = `(() => {
    const probe = globalThis.foyer?.probe;
    if (probe?.house().programme?.hash !== ${JSON.stringify(shown.programme.hash)}) return false;
    if (probe.director().mode === 'normal' &&
      probe.director().shown?.item.itemId !== ${JSON.stringify(shown.name)}) return false;
    const text = probe.stage().uppermost.textContent.toLowerCase();
    return ${JSON.stringify(shown.words)}.every((word) => text.includes(word.toLowerCase()));
  })()`;
  await untilTrue(page, isOn);
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  );
}
