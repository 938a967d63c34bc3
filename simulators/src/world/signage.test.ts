import { expect, test } from 'vitest';

import {
  campaignRowSchema,
  itemRowSchema,
  screenRowSchema,
  signageRowSchema,
} from '@foyer/contracts';
import { isoInZone, slotAt, walk } from '@foyer/signage-player/schedule';

import { seededProgramme, silentHouse } from './programme.ts';
import { makeWorld } from './world.ts';

const nowMs = Date.parse('2026-11-21T19:00:00Z');
const dayMs = 86_400_000;
const hourMs = 3_600_000;

test('the content of the seeded theatre is what the content API takes', () => {
  const { signage } = makeWorld({ seed: 1, nowMs, gates: 4, boxes: 2 });
  signageRowSchema.parse(signage?.settings);
  for (const screen of signage?.screens ?? []) screenRowSchema.parse(screen);
  for (const item of signage?.items(() => 'a'.repeat(64)) ?? []) {
    itemRowSchema.parse(item);
    expect(JSON.stringify(item.data).length).toBeLessThanOrEqual(2000);
  }
  for (const campaign of signage?.campaigns ?? []) campaignRowSchema.parse(campaign);
  expect(new Set(signage?.screens.map(({ nodeId }) => nodeId))).toEqual(
    new Set(['screen-1', 'screen-2']),
  );
  expect(makeWorld({ seed: 1, nowMs, gates: 4 }).signage).toBeNull();
});

test('every item that a campaign names is there, with its file or without', () => {
  const { items, campaigns } = seededProgramme({ seed: 1, nowMs });
  const known = new Set(items.map(({ itemId }) => itemId));
  for (const campaign of campaigns) {
    for (const itemId of campaign.items) expect(known).toContain(itemId);
    if (campaign.fallbackItem !== null) expect(known).toContain(campaign.fallbackItem);
  }
});

interface Seen {
  readonly starts: Map<string, number[]>;
  gaps: number;
  empty: number;
}

test.each(['lobby-1', 'menu-1', 'box-office-1', 'door-3', 'poster-1', 'corridor-1'])(
  'a month on %s: never empty, no gap, caps and separation kept, also over the clock change',
  (screenId) => {
    const programme = seededProgramme({ seed: 1, nowMs: Date.parse('2026-10-24T18:00:00Z') });
    const plain = {
      ...programme,
      campaigns: programme.campaigns.map((each) => ({ ...each, conditions: [] })),
    };
    const fromMs = Date.parse('2026-10-10T00:00:00Z');
    const seen: Seen = { starts: new Map(), gaps: 0, empty: 0 };
    let lastEndMs: number | null = null;
    const drinks: { startMs: number; endMs: number; campaign: string | null }[] = [];
    walk(
      plain,
      screenId,
      silentHouse,
      fromMs,
      fromMs + 30 * dayMs,
      (startMs, endMs, item, campaign) => {
        if (lastEndMs !== null && startMs !== lastEndMs) seen.gaps += 1;
        if (item === null) seen.empty += 1;
        lastEndMs = endMs;
        const id = campaign ?? '';
        seen.starts.set(id, [...(seen.starts.get(id)?.slice(-40) ?? []), startMs]);
        const cap = plain.campaigns.find(({ campaignId }) => campaignId === id)?.capPerHour ?? null;
        if (cap !== null) {
          const within = seen.starts.get(id)?.filter((each) => each > startMs - hourMs) ?? [];
          expect(within.length).toBeLessThanOrEqual(cap);
        }
        if (id === 'brightfizz' || id === 'colacrest') drinks.push({ startMs, endMs, campaign });
      },
    );
    expect(seen).toMatchObject({ gaps: 0, empty: 0 });
    for (const [at, drink] of drinks.entries()) {
      const before = drinks[at - 1];
      if (before === undefined) continue;
      const asked = [before, drink].some(({ campaign }) => campaign === 'colacrest') ? 90 : 60;
      expect(drink.startMs - before.endMs).toBeGreaterThanOrEqual(asked * 1000);
    }
    if (screenId === 'lobby-1') expect(drinks.length).toBeGreaterThan(10_000);
  },
);

test('the corridor calls for Hall 2 five minutes before its feature, later when it is late', () => {
  const programme = seededProgramme({ seed: 1, nowMs });
  const show = programme.shows
    .filter(({ auditorium, startsAtMs }) => auditorium === '2' && startsAtMs > nowMs)
    .toSorted((a, b) => a.startsAtMs - b.startsAtMs)[0];
  const featureMs = (show?.startsAtMs ?? 0) + 10 * 60_000;
  const at = (ms: number, delays = silentHouse.delays) =>
    slotAt(programme, 'corridor-1', { ...silentHouse, delays }, ms).item?.itemId;
  expect(at(featureMs - 5 * 60_000)).toBe('last-call');
  expect(at(featureMs)).not.toBe('last-call');
  const late = [{ showNo: show?.showNo ?? 0, delayMin: 30, atMs: nowMs }];
  expect(at(featureMs - 60_000, late)).not.toBe('last-call');
  expect(at(featureMs + 29 * 60_000, late)).toBe('last-call');
  expect(isoInZone(programme.theatre.timeZone, nowMs)).toBe('2026-11-21T19:00:00+00:00');
});
