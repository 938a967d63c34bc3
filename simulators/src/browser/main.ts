// Draws every template into a directory: `node --import tsx --conditions=foyer-source
// simulators/src/browser/main.ts docs/screens`.

import { join } from 'node:path';

import sharp from 'sharp';

import { launchChromium } from './chromium.ts';
import { gallery, galleryMs } from './gallery.ts';
import { showCase } from './testing/show-case.ts';
import { StandInPlayer } from './testing/stand-in-player.ts';

const [dir = 'docs/screens'] = process.argv.slice(2);
const player = new StandInPlayer('gallery-1');
player.atMs = galleryMs;
await player.start();
const chromium = await launchChromium();
try {
  const page = await chromium.browser.newPage();
  await page.goto(player.url);
  // A plain message looks like the other two covers, a busy queue like a quiet one.
  const alike = ['message', 'queue-busy'];
  for (const shown of gallery.filter(({ name }) => !alike.includes(name))) {
    const size = shown.portrait ? { width: 540, height: 960 } : { width: 960, height: 540 };
    await page.setViewportSize(size);
    await showCase(page, player, shown);
    const png = await page.screenshot();
    await sharp(png)
      .png({ palette: true, effort: 10 })
      .toFile(join(dir, `${shown.name}.png`));
    process.stderr.write(`${shown.name}\n`);
  }
} finally {
  await chromium.close();
  await player.stop();
}
