import type { Campaign, LiveView, Programme, Screen } from '@foyer/contracts';

import { ruleBased } from '../ads/index.ts';
import type { AdDecider } from '../ads/index.ts';
import type { Contender, Lane, LaneState } from './engine.ts';
import { indexOf } from './house.ts';
import type { Index } from './house.ts';
import type { Interval } from './intervals.ts';
import { LanePlan } from './lane-plan.ts';
import { requestOf } from './request.ts';
import { segmentsOf } from './segments.ts';
import { campaignsFor, isConditional } from './targets.ts';
import type { DayFrame } from './windows.ts';
import { houseDayAt, stretchesOf } from './zone.ts';

/** What all screens with the same campaigns have in common on one day. */
export interface DayPlan {
  readonly frame: DayFrame;
  readonly campaigns: readonly Campaign[];
  /** The lane of all but conditional tiers. */
  readonly base: LanePlan;
  /** Tiers that live state alone turns on and off, the highest priority first. */
  readonly overlays: readonly LanePlan[];
}

interface ScreenClass {
  readonly key: string;
  readonly campaigns: readonly Campaign[];
  readonly auditorium: string | null;
  /** Whether shows decide anything, so that delays do. */
  readonly followsShows: boolean;
}

interface Memory {
  readonly classes: Map<string, ScreenClass>;
  readonly plans: Map<string, DayPlan>;
  days: readonly Interval[];
}

const memories = new WeakMap<Programme, Memory>();
const mostPlans = 64;
const mostDays = 64;

function memoryOf(programme: Programme): Memory {
  let memory = memories.get(programme);
  if (memory === undefined) {
    memory = { classes: new Map(), plans: new Map(), days: [] };
    memories.set(programme, memory);
  }
  return memory;
}

function classOf(index: Index, memory: Memory, screen: Screen): ScreenClass {
  let found = memory.classes.get(screen.screenId);
  if (found === undefined) {
    const campaigns = campaignsFor(index.programme, screen);
    const rated = (itemId: string): boolean => (index.items.get(itemId)?.minAge ?? 0) > 0;
    const followsShows = campaigns.some(
      ({ shows, items, fallbackItem }) =>
        shows !== null || items.some(rated) || (fallbackItem !== null && rated(fallbackItem)),
    );
    const auditorium = followsShows ? screen.auditorium : null;
    const ids = campaigns.map(({ campaignId }) => campaignId);
    const key = `${auditorium ?? ''}/${ids.join(',')}`;
    found = { key, campaigns, auditorium, followsShows };
    memory.classes.set(screen.screenId, found);
  }
  return found;
}

function dayAt(index: Index, memory: Memory, atMs: number): Interval {
  const known = memory.days.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  if (known !== undefined) return known;
  const day = houseDayAt(index.zone, atMs);
  memory.days = [day, ...memory.days.slice(0, mostDays - 1)];
  return day;
}

const delayKeys = new WeakMap<LiveView['delays'], string>();

function delayKeyOf(delays: LiveView['delays']): string {
  let key = delayKeys.get(delays);
  if (key === undefined) {
    key = delays.map((told) => `${told.showNo}:${told.delayMin}:${told.atMs}`).join(',');
    delayKeys.set(delays, key);
  }
  return key;
}

/** Campaigns of a lane of their own: every one of their priority is conditional. */
function conditionalTiers(campaigns: readonly Campaign[]): Map<number, Campaign[]> {
  const tiers = new Map<number, Campaign[]>();
  for (const campaign of campaigns) {
    tiers.set(campaign.priority, [...(tiers.get(campaign.priority) ?? []), campaign]);
  }
  for (const [priority, tier] of tiers) {
    if (!tier.every(isConditional)) tiers.delete(priority);
  }
  return tiers;
}

function categoriesOf(index: Index, campaigns: readonly Campaign[]): Map<string, number> {
  const gaps = new Map<string, number>();
  for (const { items, fallbackItem, separationS } of campaigns) {
    for (const itemId of [...items, ...(fallbackItem === null ? [] : [fallbackItem])]) {
      const category = index.items.get(itemId)?.category ?? null;
      if (category === null) continue;
      gaps.set(category, Math.max(gaps.get(category) ?? 0, separationS * 1000));
    }
  }
  return gaps;
}

function laneOf(
  frame: DayFrame,
  campaigns: readonly Campaign[],
  closed: ReadonlySet<string>,
  decide: Lane['decide'],
): Lane {
  const gaps = categoriesOf(frame.index, campaigns);
  return {
    campaigns: campaigns.length,
    segments: segmentsOf(frame, campaigns),
    dayEndMs: frame.day.toMs,
    categories: new Map([...gaps.keys()].map((category, no) => [category, no])),
    longestGapMs: [...gaps.values()],
    closedCategories: closed,
    decide,
  };
}

function decideWith(frame: DayFrame, screen: Screen, decider: AdDecider): Lane['decide'] {
  if (decider === ruleBased) return null;
  return (promotions: readonly Contender[], state: LaneState) => {
    const { campaignId } = decider.decide(requestOf(frame, screen, promotions, state, []));
    const chosen = promotions.find(({ seat }) => seat.campaign.campaignId === campaignId);
    const [first] = promotions;
    if (first === undefined) throw new RangeError('an ad decision needs at least one candidate');
    return chosen ?? first;
  };
}

function makePlan(
  frame: DayFrame,
  campaigns: readonly Campaign[],
  decide: Lane['decide'],
): DayPlan {
  const tiers = conditionalTiers(campaigns);
  const below = campaigns.filter(({ priority }) => !tiers.has(priority));
  const { fromMs } = frame.day;
  const plan = (lane: Lane, priority: number | null): LanePlan =>
    new LanePlan(lane, priority, fromMs);
  const apart = (own: readonly Campaign[]): Set<string> =>
    new Set(
      [...categoriesOf(frame.index, campaigns)]
        .filter(([, gapMs]) => gapMs > 0)
        .map(([category]) => category)
        .filter((category) => {
          const others = campaigns.filter((campaign) => !own.includes(campaign));
          return categoriesOf(frame.index, others).has(category);
        }),
    );
  return {
    frame,
    campaigns,
    base: plan(laneOf(frame, below, new Set(), decide), null),
    overlays: [...tiers]
      .toSorted(([a], [b]) => b - a)
      .map(([priority, own]) => plan(laneOf(frame, own, apart(own), decide), priority)),
  };
}

/** The plan of a screen's day that holds a moment; made once, the latest 64 are kept. */
export function dayPlanAt(
  programme: Programme,
  screen: Screen,
  delays: LiveView['delays'],
  atMs: number,
  decider: AdDecider,
): DayPlan {
  const index = indexOf(programme);
  const memory = memoryOf(programme);
  const own = classOf(index, memory, screen);
  const day = dayAt(index, memory, atMs);
  const asked = decider === ruleBased ? '' : `${decider.name}/${screen.screenId}`;
  const told = own.followsShows ? delayKeyOf(delays) : '';
  const key = `${day.fromMs}|${told}|${asked}|${own.key}`;
  let plan = memory.plans.get(key);
  if (plan === undefined) {
    const stretches = stretchesOf(index.zone, day.fromMs, day.toMs);
    const frame = { index, auditorium: own.auditorium, delays, day, stretches };
    plan = makePlan(frame, own.campaigns, decideWith(frame, screen, decider));
    const [oldest] = memory.plans.keys();
    if (memory.plans.size >= mostPlans && oldest !== undefined) memory.plans.delete(oldest);
    memory.plans.set(key, plan);
  }
  return plan;
}
