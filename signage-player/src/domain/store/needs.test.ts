import { expect, test } from 'vitest';

import {
  campaignRow,
  itemRow,
  mediaRow,
  screenRow,
  testFile,
  testProgramme,
} from '../../testing/house.ts';
import { filesNeeded } from './needs.ts';
import { renditionFor } from './rendition.ts';

const [a, b, c] = [testFile('a'), testFile('b'), testFile('c')];
const nowMs = Date.parse('2026-11-21T12:00:00Z');
const lobby = screenRow('lobby-1');
const names = (files: { sha256: string }[]): string[] => files.map(({ sha256 }) => sha256);

function needs(campaigns: ReturnType<typeof campaignRow>[], soonest?: Map<string, number>) {
  const programme = testProgramme([a, b, c], { campaigns });
  return names(filesNeeded(programme, [lobby], nowMs, soonest));
}

test('files of campaigns that are paused, over, or for other screens are not needed', () => {
  const elsewhere = { screens: ['door-3'], kinds: [], groups: [], tags: [] };
  expect(
    needs([
      campaignRow('paused', ['item-0'], { status: 'paused' }),
      campaignRow('over', ['item-1'], { dates: { from: null, to: '2026-11-17' } }),
      campaignRow('elsewhere', ['item-2'], { target: elsewhere }),
    ]),
  ).toEqual([]);
  expect(
    needs([
      campaignRow('ends-today', ['item-0'], { dates: { from: null, to: '2026-11-21' } }),
      campaignRow('coming', ['item-1'], { dates: { from: '2026-12-01', to: null } }),
    ]),
  ).toHaveLength(2);
});

test('a screen is met by id, kind, group or tag', () => {
  const none = { screens: [], kinds: [], groups: [], tags: [] };
  const screen = { ...lobby, groups: ['front'], tags: ['wide'] };
  const programme = (target: object) =>
    testProgramme([a], {
      campaigns: [campaignRow('x', ['item-0'], { target: { ...none, ...target } })],
    });
  for (const target of [
    { screens: ['lobby-1'] },
    { kinds: ['lobby'] },
    { groups: ['front'] },
    { tags: ['wide'] },
    {},
  ]) {
    expect(filesNeeded(programme(target), [screen], nowMs)).toHaveLength(1);
  }
  expect(filesNeeded(programme({ groups: ['back'] }), [screen], nowMs)).toHaveLength(0);
});

test('the soonest needed comes first, what was not foreseen last; a fallback counts', () => {
  const campaigns = [campaignRow('x', ['item-0', 'item-1'], { fallbackItem: 'item-2' })];
  const soonest = new Map([
    ['item-1', nowMs],
    ['item-2', nowMs + 1000],
  ]);
  expect(needs(campaigns, soonest)).toEqual([b.sha256, c.sha256, a.sha256]);
});

test('an item whose media row is missing needs nothing', () => {
  const programme = testProgramme([a], { items: [itemRow('item-0', c.sha256)] });
  expect(filesNeeded(programme, [lobby], nowMs)).toEqual([]);
});

test('a screen takes the smallest rendition that covers it, else the original', () => {
  const size = (name: string, widthPx: number, heightPx: number, sizeBytes: number) => ({
    sha256: testFile(name).sha256,
    mime: 'image/webp',
    sizeBytes,
    widthPx,
    heightPx,
  });
  const small = size('small', 1280, 720, 100);
  const large = size('large', 1920, 1080, 200);
  const row = { ...mediaRow(a), renditions: [large, small] };
  const sha = (widthPx: number, heightPx: number): string =>
    renditionFor(row, { widthPx, heightPx }).sha256;
  expect(sha(1280, 720)).toBe(small.sha256);
  expect(sha(1281, 720)).toBe(large.sha256);
  expect(sha(720, 1280)).toBe(a.sha256);
});
