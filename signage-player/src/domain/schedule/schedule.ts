import type { Emergency, LiveView, Programme, Screen } from '@foyer/contracts';

import { ruleBased } from '../ads/index.ts';
import type { AdDecider } from '../ads/index.ts';
import { dayPlanAt } from './day-plan.ts';
import { decisionOf, exclusionsAt, inclusionOf } from './explain.ts';
import { indexOf } from './house.ts';
import { standingRefusals } from './refusals.ts';
import { pieceAt } from './resolve.ts';
import type { Viewer } from './resolve.ts';
import type { Exclusion, ExclusionCode, Slot } from './slot.ts';
import { campaignsFor } from './targets.ts';

/*
 * What a screen shows, as a pure function of programme, live state and time.
 *
 * Nothing is remembered between calls, and still history counts: shares, caps and separation are
 * worked out anew from an anchor, 04:00 on the house's clocks. What that gives depends on
 * programme, day and delays only, so a screen that starts now shows the same second as one that has
 * run for
 * a week, and two screens with the same campaigns are in step without knowing of each other.
 *
 * - Time is cut into segments in which dates, weekdays, dayparts, show windows, ratings and legal
 *   hours let the same items be on. In a segment the campaign that is owed most air time has the
 *   next turn, in the highest priority that has anything to show. An item whose end would come
 *   after its time, or after a higher priority begins, is not begun where another would fit; where
 *   nothing fits, the house's own is cut. Nothing else cuts an item.
 * - Live counts never move a turn. A campaign with a condition has its turns whether it holds or
 *   not; where it fails, its fallback or a stand-in has that turn, and only that. So a count that
 *   changes cannot reshuffle the past or the other turns. Where all campaigns of a priority
 *   are conditional without fallback, they have turns of their own (an overlay), that are seen
 *   while a condition holds and hide lower priorities for just that time.
 * - A delay counts from the moment at which it was told: before it the show's own delay does. So
 *   the item that is on goes on if it still may. A delay that is told a second time takes the place
 *   of the first, whose effects nobody can know any more: if a window of the show had begun, then
 *   all that is counted counts as just shown at that moment.
 * - A cap of N an hour is one start in 3600 / N seconds at most, so it holds for any 60 minutes.
 *   Counting closes at the anchor, and wherever the past is in doubt: a capped campaign waits its
 *   whole interval there, a category its whole separation.
 */

/** What a caller may choose. */
export interface ScheduleOptions {
  /** Chooses among promotions; by what is owed where none is given. */
  readonly decider?: AdDecider;
}

const hourMs = 3_600_000;

function allFor(programme: Programme, code: ExclusionCode, reason: string): readonly Exclusion[] {
  return programme.campaigns.map(({ campaignId }) => ({ campaignId, itemId: null, code, reason }));
}

/** The first emergency for a screen: the agent puts them in the order of their weight. */
function emergencyFor(live: LiveView, screenId: string): Emergency | null {
  return (
    live.emergencies.find(
      ({ active, screens }) => active && (screens.length === 0 || screens.includes(screenId)),
    ) ?? null
  );
}

const emptySlot = (nowMs: number) => {
  const startMs = Math.floor(nowMs / hourMs) * hourMs;
  return {
    startMs,
    endMs: startMs + hourMs,
    item: null,
    campaignId: null,
    emergency: null,
    decision: null,
  };
};

function overriding(
  programme: Programme,
  screen: Screen | undefined,
  screenId: string,
  live: LiveView,
  nowMs: number,
): Slot | null {
  const emergency = emergencyFor(live, screenId);
  if (emergency !== null) {
    const reason = `${emergency.by} raised an emergency.`;
    const excluded = allFor(programme, 'emergency', reason);
    return {
      ...emptySlot(nowMs),
      kind: 'emergency',
      emergency,
      code: 'emergency',
      reason,
      excluded,
    };
  }
  if (screen === undefined) {
    const reason = `The programme has no screen ${screenId}.`;
    const excluded = allFor(programme, 'not-targeted', reason);
    return { ...emptySlot(nowMs), kind: 'fallback', code: 'nothing', reason, excluded };
  }
  if (screen.mode === 'standby') {
    const reason = 'The screen is on standby.';
    const excluded = allFor(programme, 'standby', reason);
    return { ...emptySlot(nowMs), kind: 'standby', code: 'standby', reason, excluded };
  }
  return null;
}

function viewerAt(
  programme: Programme,
  screen: Screen,
  live: LiveView,
  nowMs: number,
  decider: AdDecider,
): Viewer {
  return { plan: dayPlanAt(programme, screen, live.delays, nowMs, decider), screen, live };
}

/**
 * What is on a screen at a moment, until when, and why. A screen that the programme does not know
 * has the branded fallback, and emergencies.
 * @param nowMs UTC ms.
 */
export function slotAt(
  programme: Programme,
  screenId: string,
  live: LiveView,
  nowMs: number,
  { decider = ruleBased }: ScheduleOptions = {},
): Slot {
  const screen = indexOf(programme).screens.get(screenId);
  const over = overriding(programme, screen, screenId, live, nowMs);
  if (over !== null || screen === undefined) return over ?? slotOfNothing(nowMs);
  const viewer = viewerAt(programme, screen, live, nowMs, decider);
  const { fromMs, toMs, shown } = pieceAt(viewer, nowMs);
  const times = { startMs: fromMs, endMs: toMs, emergency: null };
  if (shown === null) {
    const { base } = viewer.plan;
    const account = base.accountOf(base.turnAt(fromMs));
    const excluded = exclusionsAt(viewer, fromMs, null, account);
    const nothing = { ...slotOfNothing(nowMs), ...times };
    return {
      ...nothing,
      excluded: excluded.length > 0 ? excluded : standingRefusals(viewer.plan, fromMs),
    };
  }
  const account = shown.lane.accountOf(shown.turnNo);
  const excluded = exclusionsAt(viewer, fromMs, shown, account);
  return {
    kind: 'item',
    ...times,
    item: shown.item,
    campaignId: shown.seat.campaign.campaignId,
    decision: decisionOf(viewer, shown, account, excluded, decider),
    ...inclusionOf(viewer, shown, account),
    excluded,
  };
}

function slotOfNothing(nowMs: number): Slot {
  const reason = 'No campaign may be on: the branded fallback is.';
  return { ...emptySlot(nowMs), kind: 'fallback', code: 'nothing', reason, excluded: [] };
}

/**
 * Every slot of a screen that touches [fromMs, toMs), in order, without a gap or an overlap: the
 * first begins at or before `fromMs`, the last ends at or after `toMs`. What live state says now is
 * taken for what it will say, as far as its age allows.
 */
export function timeline(
  programme: Programme,
  screenId: string,
  live: LiveView,
  fromMs: number,
  toMs: number,
  options: ScheduleOptions = {},
): Slot[] {
  const slots: Slot[] = [];
  for (let atMs = fromMs; atMs < toMs;) {
    const slot = slotAt(programme, screenId, live, atMs, options);
    slots.push(slot);
    atMs = slot.endMs;
  }
  return slots;
}

/** A slot without its reasons. */
export type VisitSlot = (
  startMs: number,
  endMs: number,
  itemId: string | null,
  campaignId: string | null,
) => void;

/**
 * The slots of `timeline`, told one by one and without their reasons, for those who count months of
 * them. About a hundred times as fast where no campaign has a condition.
 */
export function walk(
  programme: Programme,
  screenId: string,
  live: LiveView,
  fromMs: number,
  toMs: number,
  visit: VisitSlot,
): void {
  const screen = indexOf(programme).screens.get(screenId);
  const isPlain =
    screen !== undefined &&
    overriding(programme, screen, screenId, live, fromMs) === null &&
    campaignsFor(programme, screen).every(({ conditions }) => conditions.length === 0);
  for (let atMs = fromMs; atMs < toMs;) {
    if (!isPlain || screen === undefined) {
      const slot = slotAt(programme, screenId, live, atMs);
      visit(slot.startMs, slot.endMs, slot.item?.itemId ?? null, slot.campaignId);
      atMs = slot.endMs;
      continue;
    }
    const plan = dayPlanAt(programme, screen, live.delays, atMs, ruleBased);
    plan.base.each(atMs, toMs, (startMs, endMs, no, place) => {
      const campaign = plan.campaigns[no];
      visit(startMs, endMs, campaign?.items[place] ?? null, campaign?.campaignId ?? null);
    });
    atMs = plan.frame.day.toMs;
  }
}
