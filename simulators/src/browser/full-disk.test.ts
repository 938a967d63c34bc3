import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeTempDir, removeTempDir, waitFor } from '@foyer/platform/testing';
import { Stand } from '@foyer/signage-player/testing';
import { expect, test } from 'vitest';

import { launchChromium } from './chromium.ts';
import { Glass } from './glass.ts';
import { makePicture, mediaRow } from './testing/media.ts';
import { makeProgramme } from './testing/programme.ts';
import { untilTrue } from './wait.ts';

/** A file of the content API, and a programme that shows it in turns with a board. */
function programmeOf(itemId: string, bytes: Buffer) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const programme = makeProgramme({
    screens: [{}],
    media: [mediaRow(sha256, bytes.length)],
    items: [
      { itemId, content: { kind: 'media', sha256 }, durationMs: 1000 },
      { itemId: 'board', content: { kind: 'board', board: 'showtimes' }, durationMs: 1000 },
    ],
  });
  return { file: { sha256, bytes }, programme };
}

test('on a full disk the old plays on, the new follows when there is room', async (context) => {
  const disk = makeTempDir('full-disk-glass');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    removeTempDir(disk);
    context.skip('a small disk of its own takes the right to mount one');
  }
  const stand = await Stand.start(join(disk, 'data'));
  const chromium = await launchChromium();
  try {
    const first = programmeOf('first', await makePicture(20));
    // What follows the end of a PNG is nothing to a decoder, and fills a disk.
    const large = Buffer.concat([await makePicture(140), randomBytes(1_400_000)]);
    const next = programmeOf('next', large);
    stand.media.add(first.file, next.file);
    stand.agent.programme = first.programme;
    await stand.startPlayer();
    const page = await chromium.browser.newPage({ viewport: { width: 640, height: 360 } });
    await page.goto(`${stand.url}/screens/lobby-1`);
    const isOn = (itemId: string): string => `globalThis.foyer?.stats().playing === '${itemId}'`;
    await untilTrue(page, isOn('first'));
    const glass = await Glass.watch(page);
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(1_000_000));
    stand.agent.offer(next.programme);
    await waitFor('the fault', () =>
      (stand.agent.report('lobby-1')?.faults ?? []).some(({ code }) => code === 'store-full'),
    );
    await untilTrue(page, isOn('board'));
    await untilTrue(page, isOn('first'));
    truncateSync(ballast, 0);
    await untilTrue(page, isOn('next'), 30_000);
    expect((await glass.stop()).blankFrames).toBe(0);
    expect(await page.evaluate('foyer.stats()')).toMatchObject({ blankMs: 0 });
  } finally {
    await chromium.close();
    await stand.close();
    execFileSync('umount', ['--lazy', disk]);
    removeTempDir(disk);
  }
}, 90_000);
