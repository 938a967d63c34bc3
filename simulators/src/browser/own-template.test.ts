import { readFileSync } from 'node:fs';

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { launchChromium } from './chromium.ts';
import type { Chromium } from './chromium.ts';
import { mediaRow } from './testing/media.ts';
import { makeProgramme } from './testing/programme.ts';
import { uppermostText } from './testing/show-case.ts';
import { StandInPlayer } from './testing/stand-in-player.ts';
import { untilTrue } from './wait.ts';

let chromium: Chromium;
let page: Page;
let player: StandInPlayer;

beforeAll(async () => {
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
});

beforeEach(async () => {
  player = new StandInPlayer('lobby-1');
  await player.start();
  page = await chromium.browser.newPage({ viewport: { width: 640, height: 360 } });
});

afterEach(async () => {
  await page.close();
  await player.stop();
});

const htmlOf = (script: string): string =>
  `<!doctype html><title>t</title><style>p { font-size: 40px }</style>
    <p>nothing yet</p><script>${script}</script>`;

const playTemplate = (script: string): Promise<void> => playFile(htmlOf(script));

async function playFile(html: string): Promise<void> {
  const bytes = Buffer.from(html);
  const sha256 = player.addFile(bytes, 'text/html');
  const row = mediaRow(sha256, bytes.length, { kind: 'template', mime: 'text/html', widthPx: 0 });
  player.setProgramme(
    makeProgramme({
      screens: [{}],
      media: [row],
      items: [
        {
          itemId: 'own',
          content: { kind: 'template', sha256 },
          durationMs: 20_000,
          data: { headline: 'Hello from the chain' },
        },
        { itemId: 'board', content: { kind: 'board', board: 'showtimes' }, durationMs: 20_000 },
      ],
      campaigns: [{ campaignId: 'all', items: ['own'] }],
    }),
  );
  await page.goto(player.url);
}

const answering = `addEventListener('message', ({ data }) => {
  if (data.foyer !== 'data') return;
  document.querySelector('p').textContent = data.data.data.headline + ' ' + data.data.clock;
  const word = globalThis.told ? 'alive' : 'ready';
  globalThis.told = true;
  parent.postMessage({ foyer: word }, '*');
});`;

const faults = (): string[] =>
  player.pulses.flatMap((pulse) => pulse.faults.map(({ code }) => code));
const frameText = async (): Promise<string> =>
  (await page
    .frames()[1]
    ?.evaluate('document.body.innerText')
    .catch(() => '')) as string;

test("a chain's template gets its data, draws it, and stays on while it answers", async () => {
  await playTemplate(answering);
  await untilTrue(page, "foyer.stats().playing === 'own'");
  await expect.poll(frameText, { timeout: 10_000 }).toMatch(/Hello from the chain \d\d:\d\d/);
  await untilTrue(page, 'foyer.probe.director().shown !== null');
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect(faults()).toEqual([]);
  expect(await page.evaluate('foyer.stats().playing')).toBe('own');
});

test('the template of the documentation draws the house, and stays on', async () => {
  const text = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8');
  await playFile(/```html\n(.*?)```/s.exec(text)?.[1] ?? '');
  await untilTrue(page, "foyer.stats().playing === 'own'");
  await expect.poll(frameText, { timeout: 10_000 }).toMatch(/Hello from the chain, \d\d:\d\d/);
  expect(faults()).toEqual([]);
});

test('it reaches neither the network, nor the page around it, nor another address', async () => {
  const asked: string[] = [];
  // What the browser itself refuses is announced, too, but never answered.
  page.on('requestfinished', (request) => asked.push(new URL(request.url()).pathname));
  await playTemplate(`${answering}
    fetch('${player.url}/leak').catch(() => undefined);
    new Image().src = '${player.url}/leak.png';
    try { globalThis.reached = parent.document.title } catch { globalThis.reached = 'no' }
    setTimeout(() => { location.href = '${player.url}/away' }, 200);`);
  await untilTrue(page, "foyer.stats().playing === 'own'");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(asked.filter((path) => /leak|away/.test(path))).toEqual([]);
  expect(await page.frames()[1]?.evaluate('globalThis.reached ?? "gone"')).not.toBe('lobby-1');
});

test('one that never answers, or falls silent, is a fault and is left', async () => {
  await playTemplate('/* it says nothing */');
  await expect.poll(faults, { timeout: 20_000 }).toContain('template-broken');
  expect(await page.evaluate(uppermostText)).toContain('The Halcyon');
  expect(player.pulses.at(-1)?.blankMs).toBe(0);
});
