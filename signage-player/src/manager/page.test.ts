import { existsSync } from 'node:fs';

import { accessibilityFaults, waitFor } from '@foyer/platform/testing';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { testFile, testProgramme } from '../testing/house.ts';
import { picture, screensOf, startStand, tokens, type Stand } from './testing/stand.ts';

const executablePath = '/usr/bin/chromium';
const patienceMs = 30_000;
const views = ['Screens', 'Preview', 'Content', 'Shows', 'Log'];

let browser: Browser;
let stand: Stand;
let faults: string[];

beforeAll(async () => {
  if (!existsSync(executablePath)) {
    throw new Error('Chromium is not installed: run apt-get install chromium, then again.');
  }
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  browser = await chromium.launch({ executablePath, args });
}, 60_000);
afterAll(() => browser.close());
beforeEach(async () => {
  faults = [];
  stand = await startStand();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await stand.close();
});

/** Looks at a view from inside: what is wider than the page, unnamed, or too small to hit. */
const inspection = `(() => {
  const controls = [...document.querySelectorAll('#app button, #app input, #app select')];
  const seen = controls.filter((one) => one.offsetParent !== null);
  const isUnnamed = (one) => !one.ariaLabel && !one.labels?.length && !one.textContent.trim();
  return {
    over: document.documentElement.scrollWidth - innerWidth,
    unnamed: seen.filter(isUnnamed).length,
    small: seen.filter((one) => one.getBoundingClientRect().height < 17).length,
  };
})()`;

/** The page after its sign-in, with everything that it complains of. */
async function signedIn(role: keyof typeof tokens): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  stand.agent.answers.set('/v1/emergency', { emergencies: [] });
  await page.goto(stand.manager.url);
  await page.getByLabel('Token').fill(tokens[role]);
  await page.keyboard.press('Enter');
  await page.locator('.card').first().waitFor({ timeout: patienceMs });
  return page;
}

test('a viewer sees every screen, and nothing to change', async () => {
  const page = await signedIn('viewer');
  expect(await page.locator('.card h3').allTextContents()).toEqual([
    'The lobby-1',
    'The door-3',
    'The far-1',
  ]);
  expect(await page.getByRole('button', { name: 'Emergency…' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: /Identify|Reload/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Content', exact: true }).click();
  await page.getByText('item-0').first().waitFor({ timeout: patienceMs });
  expect(await page.getByRole('button', { name: /Put it on|Pause|Remove/ }).count()).toBe(0);
  expect(faults).toEqual([]);
}, 60_000);

test('an emergency is raised by keyboard, and each screen is seen to show it', async () => {
  const page = await signedIn('operator');
  await page.getByRole('button', { name: 'Emergency…' }).press('Enter');
  await page.getByRole('radio', { name: 'A message' }).press('Space');
  await page.getByLabel(/^Words/).fill('Please wait in the foyer');
  await page.getByRole('button', { name: 'Show it now' }).press('Enter');
  await waitFor('the agent to hear', () =>
    stand.agent.taken.some(({ method, path }) => method === 'POST' && path === '/v1/emergency'),
  );
  const raised = stand.agent.taken.findLast(({ method }) => method === 'POST')?.body;
  expect(raised).toMatchObject({ kind: 'message', active: true, by: 'the operator', screens: [] });
  const shownBy = [{ screenId: 'lobby-1', atMs: Date.now() }];
  const emergency = { ...(raised as object), atMs: Date.now(), shownBy };
  stand.agent.answers.set('/v1/emergency', { emergencies: [emergency] });
  await page.getByText('1 of 3 screens show it').waitFor({ timeout: patienceMs });
  await page.getByRole('button', { name: 'End it' }).press('Enter');
  await waitFor('its end', () => {
    const last = stand.agent.taken.findLast(({ method }) => method === 'POST')?.body;
    return (last as { active: boolean }).active === false;
  });
  expect(faults).toEqual([]);
}, 60_000);

test('an editor puts a file on screens: upload, item and campaign', async () => {
  const page = await signedIn('editor');
  await page.getByRole('button', { name: 'Content', exact: true }).click();
  const { bytes, sha256 } = testFile('poster', 90_000);
  const file = { name: 'Winter poster.png', mimeType: 'image/png', buffer: bytes };
  await page.getByLabel('File', { exact: true }).setInputFiles(file);
  await page.getByLabel('Where', { exact: true }).selectOption({ label: 'The door-3' });
  await page.getByLabel('When', { exact: true }).selectOption('20 to 5 minutes before a show');
  await page.getByRole('button', { name: 'Put it on' }).click();
  await waitFor('the campaign', () => stand.cloud.content.campaigns.length === 2, patienceMs);
  expect(stand.cloud.uploads).toEqual([{ sha256, sizeBytes: bytes.length }]);
  expect(stand.cloud.content.items.at(-1)).toMatchObject({
    name: 'Winter poster',
    content: { kind: 'media', sha256 },
  });
  expect(stand.cloud.content.campaigns.at(-1)).toMatchObject({
    items: [stand.cloud.content.items.at(-1)?.itemId],
    target: { screens: ['door-3'] },
    shows: { from: { of: 'start', offsetMin: -20 }, to: { of: 'start', offsetMin: -5 } },
  });
  await page.getByRole('button', { name: 'Pause loop' }).click();
  await waitFor('the pause', () => stand.cloud.content.campaigns[0]?.status === 'paused');
  expect(faults).toEqual([]);
}, 60_000);

test('why a screen shows what it shows, on another day', async () => {
  const page = await signedIn('viewer');
  await page.getByRole('button', { name: 'Preview and why: door-3' }).click();
  await page.getByLabel('At, on the clocks of the theatre').fill('2026-07-03T20:15');
  await page.getByText('20:15:00').first().waitFor({ timeout: patienceMs });
  const first = page.locator('.slots li').first();
  expect(await first.textContent()).toMatch(/item-0 \(loop\).*loop/);
  expect(faults).toEqual([]);
}, 60_000);

test('on a phone nothing is cut off, and every control has a name', async () => {
  const page = await signedIn('operator');
  await page.setViewportSize({ width: 390, height: 844 });
  for (const view of views) {
    await page.getByRole('button', { name: view, exact: true }).click();
    const found: unknown = await page.evaluate(inspection);
    expect([view, found]).toEqual([view, { over: 0, unnamed: 0, small: 0 }]);
  }
  expect(faults).toEqual([]);
}, 60_000);

test('every view and dialog keeps WCAG 2.2 AA, by the rules of axe', async () => {
  const page = await signedIn('operator');
  const found: Record<string, readonly string[]> = {};
  for (const view of views) {
    await page.getByRole('button', { name: view, exact: true }).click();
    await page.locator('#main :is(h2, h3):visible').first().waitFor({ timeout: patienceMs });
    found[view] = await accessibilityFaults(page);
  }
  await page.getByRole('button', { name: 'Emergency…' }).click();
  found['Emergency'] = await accessibilityFaults(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  found['Sign in'] = await accessibilityFaults(page);
  expect(Object.entries(found).filter(([, list]) => list.length > 0)).toEqual([]);
}, 120_000);

test('a token in the address is taken out of it, and a wrong one is told', async () => {
  const page = await browser.newPage();
  await page.goto(`${stand.manager.url}/#token=${tokens.viewer}`);
  await page.getByText('the viewer, viewer').waitFor({ timeout: patienceMs });
  expect(page.url()).not.toContain(tokens.viewer);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token').fill('a guess');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page
    .getByText(/Sign in with the token that/)
    .last()
    .waitFor({ timeout: patienceMs });
  expect(await page.locator('#app').isHidden()).toBe(true);
}, 60_000);

test('a screen that is silent, differs or has lost its panel needs a look', async () => {
  const programme = testProgramme([picture]);
  const [one] = screensOf(programme);
  const report = {
    screenId: 'lobby-1',
    atMs: Date.now(),
    programmeHash: programme.hash,
    fetchingHash: null,
    playing: { itemId: 'item-0', campaignId: 'loop', sinceMs: Date.now() },
    mode: 'normal',
    emergencyId: null,
    pageAgeMs: 20,
    display: 'differed',
    panel: 'off',
    cache: { files: 1, bytes: 5000, missing: 2 },
    plays: 3,
    blankMs: 0,
    faults: [{ code: 'media-corrupt', object: picture.sha256, atMs: Date.now() - 30_000 }],
    lastCommandId: null,
  };
  stand.agent.answers.set('/v1/screens', { screens: [{ ...one, report, reportAgeMs: 40_000 }] });
  const page = await signedIn('viewer');
  await page.getByText('1 screens, 1 need a look').waitFor({ timeout: patienceMs });
  const chips = await page.locator('.card .chip').allTextContents();
  for (const text of ['silent for 40 s', 'glass differs', 'panel is off', '2 files missing']) {
    expect(chips).toContain(text);
  }
  expect(await page.locator('.faults li').textContent()).toMatch(
    /^media corrupt: file \w{8}, 3\d s/,
  );
}, 60_000);
