import type { Campaign, Item } from '@foyer/contracts';

import { calendarRefusal } from './calendar.ts';
import type { DayPlan } from './day-plan.ts';
import { intervalAt } from './intervals.ts';
import type { LanePlan } from './lane-plan.ts';
import { isComplete } from './segments.ts';
import type { Segment } from './segments.ts';
import type { Exclusion, ExclusionCode } from './slot.ts';
import { campaignIntervals, filmsAbout, itemIntervals } from './windows.ts';
import { clockText, offsetMsAt } from './zone.ts';

const listed = (values: readonly string[]): string => values.join(', ');

const weekdays = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays'];
const weekdayName = (weekday: number): string => weekdays[weekday - 1] ?? 'Sundays';

const momentWords = {
  'doors-open': 'doors open',
  start: 'the start',
  feature: 'the feature',
  end: 'the end',
  'doors-close': 'doors close',
} as const;

function momentText({ of, offsetMin }: NonNullable<Campaign['shows']>['from']): string {
  if (offsetMin === 0) return momentWords[of];
  return `${Math.abs(offsetMin)} min ${offsetMin < 0 ? 'before' : 'after'} ${momentWords[of]}`;
}

/** "from 20 min before the start to 5 min before the start of a show" */
export function windowText({ from, to }: NonNullable<Campaign['shows']>): string {
  return `from ${momentText(from)} to ${momentText(to)} of a show`;
}

/** Why time does not let a campaign be on at all, in the order that an operator would ask. */
function campaignReason(campaign: Campaign, code: ExclusionCode): string {
  const { dates, dayparts, shows } = campaign;
  switch (code) {
    case 'paused':
      return 'It is paused.';
    case 'not-targeted':
      return 'It is for other screens.';
    case 'out-of-dates':
      return `It runs from ${dates.from ?? 'ever'} to ${dates.to ?? 'ever'}.`;
    case 'other-weekday':
      return `It is for ${listed(campaign.weekdays.map(weekdayName))}.`;
    case 'other-daypart':
      return `It is on at ${listed(dayparts.map(({ from, to }) => `${from} to ${to}`))}.`;
    case 'no-show':
      return shows === null ? 'No show.' : `It is on ${windowText(shows)}, and none is there now.`;
    default:
      return 'None of its items may be on.';
  }
}

function itemReason(item: Item | undefined, code: ExclusionCode): string {
  switch (code) {
    case 'item-missing':
      return 'The house has no such item.';
    case 'media-missing':
      return 'The house has not got its file.';
    case 'rating':
      return `A film is about that is not rated ${item?.minAge} or above.`;
    case 'rating-unknown':
      return `It needs films rated ${item?.minAge} or above, and no such film is known.`;
    case 'outside-legal-hours':
      return `It may be shown from ${item?.legalHours?.from} to ${item?.legalHours?.to} only.`;
    default:
      return 'It may not be on now.';
  }
}

function itemRefusal(plan: DayPlan, campaign: Campaign, itemId: string, atMs: number): Exclusion {
  const { frame } = plan;
  const item = frame.index.items.get(itemId);
  const of = (code: ExclusionCode): Exclusion => ({
    campaignId: campaign.campaignId,
    itemId,
    code,
    reason: itemReason(item, code),
  });
  if (item === undefined) return of('item-missing');
  if (!isComplete(frame, item)) return of('media-missing');
  const always = [frame.day];
  const legal = itemIntervals(frame, campaign, { ...item, minAge: 0 }, always);
  if (intervalAt(legal, atMs) === undefined) return of('outside-legal-hours');
  const about = filmsAbout(frame, campaign).filter(
    ({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs,
  );
  const isUnknown = about.length === 0 || about.some(({ minAge }) => minAge === null);
  return of(isUnknown ? 'rating-unknown' : 'rating');
}

function timeRefusals(plan: DayPlan, campaign: Campaign, atMs: number): Exclusion[] {
  const { frame } = plan;
  const of = (code: ExclusionCode): Exclusion[] => [
    {
      campaignId: campaign.campaignId,
      itemId: null,
      code,
      reason: campaignReason(campaign, code),
    },
  ];
  const { zone } = frame.index;
  const refusal = calendarRefusal(campaign, atMs + offsetMsAt(zone, atMs));
  if (refusal !== null) return of(refusal);
  if (intervalAt(campaignIntervals(frame, campaign), atMs) === undefined) return of('no-show');
  return campaign.items.map((itemId) => itemRefusal(plan, campaign, itemId, atMs));
}

/** The segment of a lane at a moment of its day. */
export function segmentAt({ lane }: LanePlan, atMs: number): Segment | undefined {
  return lane.segments.findLast(({ fromMs }) => fromMs <= atMs);
}

/** Those of a lane's campaigns that time lets be on, the highest priority first. */
export const seatsAt = (lane: LanePlan, atMs: number) =>
  (segmentAt(lane, atMs)?.tiers ?? []).flatMap(({ seats }) => seats);

function refusalsAt(plan: DayPlan, atMs: number): Exclusion[] {
  const lanes = [plan.base, ...plan.overlays];
  const seats = new Map(
    lanes.flatMap((lane) => seatsAt(lane, atMs)).map((seat) => [seat.campaign.campaignId, seat]),
  );
  const own = new Set(plan.campaigns.map(({ campaignId }) => campaignId));
  return plan.frame.index.programme.campaigns.flatMap((campaign): Exclusion[] => {
    const { campaignId, status } = campaign;
    const of = (code: ExclusionCode): Exclusion[] => [
      { campaignId, itemId: null, code, reason: campaignReason(campaign, code) },
    ];
    if (status === 'paused') return of('paused');
    if (!own.has(campaignId)) return of('not-targeted');
    const seat = seats.get(campaignId);
    if (seat === undefined) return timeRefusals(plan, campaign, atMs);
    return campaign.items.flatMap((itemId, place) =>
      seat.items[place] === null ? [itemRefusal(plan, campaign, itemId, atMs)] : [],
    );
  });
}

const known = new WeakMap<DayPlan, Map<string, Exclusion[]>>();

/**
 * Campaigns and items that are out by time, target or status at a moment. The same list for as long
 * as the same are, so that a day's timeline shares it.
 */
export function standingRefusals(plan: DayPlan, atMs: number): readonly Exclusion[] {
  const lists = known.get(plan) ?? new Map<string, Exclusion[]>();
  known.set(plan, lists);
  const key = [plan.base, ...plan.overlays].map((lane) => segmentAt(lane, atMs)?.fromMs).join('/');
  const list = lists.get(key) ?? refusalsAt(plan, atMs);
  lists.set(key, list);
  return list;
}

/** "18:05" on the house's clocks. */
export const clockOf = (plan: DayPlan, atMs: number): string =>
  clockText(plan.frame.index.zone, atMs);
