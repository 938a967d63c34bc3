import type { Campaign, Item } from '@foyer/contracts';

import { intervalAt } from './intervals.ts';
import type { Interval } from './intervals.ts';
import { campaignIntervals, doubtsOf, itemIntervals } from './windows.ts';
import type { DayFrame } from './windows.ts';

/** An item that time lets be on. */
export interface OpenItem {
  readonly item: Item;
  /** Until when, UTC ms. */
  readonly closesMs: number;
}

/** A campaign that time lets be on. */
export interface Seat {
  readonly campaign: Campaign;
  /** Its place in the lane's campaigns. */
  readonly no: number;
  /** By place in `campaign.items`; null: not now. At least one is open. */
  readonly items: readonly (OpenItem | null)[];
  /** What is on instead where a condition fails. */
  readonly fallback: OpenItem | null;
}

/** Campaigns of one priority. */
export interface Tier {
  readonly priority: number;
  readonly seats: readonly Seat[];
  /** When one of a higher priority that is not on now comes on, or the day ends; UTC ms. */
  readonly opensAboveMs: number;
  /** The shortest item that is open, ms. */
  readonly shortestMs: number;
}

/** A stretch in which time lets the same campaigns be on. */
export interface Segment extends Interval {
  /** The highest priority first; those without an open campaign are left out. */
  readonly tiers: readonly Tier[];
  /** A delay was told at its beginning that makes the past uncertain. */
  readonly doubt: boolean;
}

/** Whether the house has an item and its file. */
export function isComplete({ index }: DayFrame, item: Item | undefined): item is Item {
  if (item === undefined) return false;
  return item.content.kind === 'board' || index.media.has(item.content.sha256);
}

interface Timed {
  readonly item: Item;
  readonly time: readonly Interval[];
}

interface Times {
  readonly campaign: Campaign;
  /** By place in `campaign.items`; null: the house has no such item, or not its file. */
  readonly items: readonly (Timed | null)[];
  readonly fallback: Timed | null;
}

function timesOf(frame: DayFrame, campaign: Campaign): Times {
  const campaignTime = campaignIntervals(frame, campaign);
  const of = (itemId: string): Timed | null => {
    const item = frame.index.items.get(itemId);
    if (!isComplete(frame, item)) return null;
    return { item, time: itemIntervals(frame, campaign, item, campaignTime) };
  };
  return {
    campaign,
    items: campaign.items.map(of),
    fallback: campaign.fallbackItem === null ? null : of(campaign.fallbackItem),
  };
}

function openAt(timed: Timed | null, atMs: number): OpenItem | null {
  const interval = timed === null ? undefined : intervalAt(timed.time, atMs);
  return timed === null || interval === undefined
    ? null
    : { item: timed.item, closesMs: interval.toMs };
}

function seatAt({ campaign, items, fallback }: Times, no: number, atMs: number): Seat | null {
  const open = items.map((timed) => openAt(timed, atMs));
  if (open.every((item) => item === null)) return null;
  return { campaign, no, items: open, fallback: openAt(fallback, atMs) };
}

function tiersAt(times: readonly Times[], atMs: number): Omit<Tier, 'opensAboveMs'>[] {
  const seats = times.flatMap((each, no) => seatAt(each, no, atMs) ?? []);
  const priorities = [...new Set(seats.map(({ campaign }) => campaign.priority))];
  return priorities
    .toSorted((a, b) => b - a)
    .map((priority) => {
      const own = seats.filter(({ campaign }) => campaign.priority === priority);
      const durations = own.flatMap(({ items }) =>
        items.flatMap((open) => open?.item.durationMs ?? []),
      );
      return { priority, seats: own, shortestMs: Math.min(...durations) };
    });
}

/** Cuts a day where what time allows changes. */
export function segmentsOf(frame: DayFrame, campaigns: readonly Campaign[]): Segment[] {
  const { day } = frame;
  const times = campaigns.map((campaign) => timesOf(frame, campaign));
  const doubts = new Set(
    campaigns.flatMap(({ shows }) => (shows === null ? [] : doubtsOf(frame, shows))),
  );
  const edges = times.flatMap(({ items, fallback }) =>
    [...items, fallback].flatMap((timed) =>
      (timed?.time ?? []).flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ),
  );
  const bounds = [...new Set([day.fromMs, ...edges, ...doubts])]
    .filter((atMs) => atMs >= day.fromMs && atMs < day.toMs)
    .toSorted((a, b) => a - b);
  const cut = bounds.map((fromMs, at) => ({
    fromMs,
    toMs: bounds[at + 1] ?? day.toMs,
    doubt: doubts.has(fromMs),
    tiers: tiersAt(times, fromMs),
  }));
  return cut.map((segment, at) => ({
    ...segment,
    tiers: segment.tiers.map((tier) => ({
      ...tier,
      opensAboveMs: opensAbove(cut, at, tier.priority, day.toMs),
    })),
  }));
}

function opensAbove(
  cut: readonly { fromMs: number; tiers: readonly { priority: number }[] }[],
  at: number,
  priority: number,
  otherwiseMs: number,
): number {
  const now = new Set(cut[at]?.tiers.map((tier) => tier.priority));
  for (let later = at + 1; later < cut.length; later += 1) {
    const opens = cut[later]?.tiers.some(
      (tier) => tier.priority > priority && !now.has(tier.priority),
    );
    if (opens === true) return cut[later]?.fromMs ?? otherwiseMs;
  }
  return otherwiseMs;
}
