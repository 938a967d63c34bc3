import type { Item, LiveView, Screen } from '@foyer/contracts';

import { judgeAll } from './conditions.ts';
import type { DayPlan } from './day-plan.ts';
import { nextPlace } from './engine.ts';
import type { Turn } from './engine.ts';
import type { LanePlan } from './lane-plan.ts';
import type { Seat } from './segments.ts';
import type { InclusionCode } from './slot.ts';

/** Whose live state it is, on which screen. */
export interface Viewer {
  readonly plan: DayPlan;
  readonly screen: Screen;
  readonly live: LiveView;
}

/** What a lane shows. */
export interface Shown {
  readonly lane: LanePlan;
  readonly turnNo: number;
  readonly turn: Turn;
  /** The campaign that is shown; not the turn's own where another stands in. */
  readonly seat: Seat;
  readonly item: Item;
  readonly code: Extract<InclusionCode, 'turn' | 'condition-fallback' | 'stand-in'>;
}

/** What is on over a stretch of time; `shown` null: nothing may be. */
export interface Piece {
  readonly fromMs: number;
  readonly toMs: number;
  readonly shown: Shown | null;
}

interface Answer {
  readonly shown: Shown | null;
  /** Until then nothing changes but by what is told. */
  readonly untilMs: number;
}

const goldenShare = 0.618_033_988_749_894_9;

/** A number in [0, 1): consecutive turns are spread as evenly as can be. */
const spread = (turnNo: number): number => (turnNo * goldenShare) % 1;

function pick<T extends { seat: Seat }>(candidates: readonly T[], turnNo: number): T | undefined {
  const weights = candidates.reduce((sum, { seat }) => sum + seat.campaign.weight, 0);
  let rest = spread(turnNo) * weights;
  for (const candidate of candidates) {
    rest -= candidate.seat.campaign.weight;
    if (rest < 0) return candidate;
  }
  return candidates.at(-1);
}

interface StandIn {
  readonly seat: Seat;
  readonly item: Item;
}

const mostStepsBack = 3;

/** The item that was on in the turn before, as far as live state is asked back. */
function itemBefore(viewer: Viewer, lane: LanePlan, turnNo: number, depth: number): string | null {
  const turn = lane.turn(turnNo - 1);
  if (turn?.seat === null || turn?.seat === undefined) return null;
  return depth >= mostStepsBack
    ? (turn.seat.items[turn.place]?.item.itemId ?? null)
    : (turnAnswer(viewer, lane, turnNo - 1, turn, turn.startMs, depth + 1).shown?.item.itemId ??
        null);
}

/**
 * Another campaign for the turn of one whose condition fails: by weight, evenly over the turns.
 * Only those without cap and category: they can take any turn without breaking a promise. Nothing
 * of it
 * is counted, so the plan is the same whatever live state says.
 */
function standInFor(
  viewer: Viewer,
  lane: LanePlan,
  turnNo: number,
  turn: Turn,
  atMs: number,
  depth: number,
): { standIn: StandIn | null; untilMs: number } {
  let untilMs = Infinity;
  const before = itemBefore(viewer, lane, turnNo, depth);
  const next = lane.turn(turnNo + 1);
  const after = next?.seat?.items[next.place]?.item.itemId ?? null;
  for (const { seats } of lane.lane.segments[turn.segment]?.tiers ?? []) {
    const candidates: StandIn[] = [];
    for (const seat of seats) {
      if (seat === turn.seat || seat.campaign.capPerHour !== null) continue;
      const open = seat.items[nextPlace(seat, turnNo % seat.items.length)];
      if (open === null || open === undefined) continue;
      if (open.item.category !== null || open.closesMs < turn.endMs) continue;
      const { holds, untilMs: edgeMs } = judgeAll(
        viewer.plan.frame.index,
        viewer.screen,
        seat.campaign,
        viewer.live,
        atMs,
      );
      untilMs = Math.min(untilMs, edgeMs);
      if (holds === 'yes') candidates.push({ seat, item: open.item });
    }
    const fresh = candidates.filter(({ item }) => item.itemId !== before && item.itemId !== after);
    const standIn = pick(fresh.length > 0 ? fresh : candidates, turnNo);
    if (standIn !== undefined) return { standIn, untilMs };
  }
  return { standIn: null, untilMs };
}

function turnAnswer(
  viewer: Viewer,
  lane: LanePlan,
  turnNo: number,
  turn: Turn,
  atMs: number,
  depth: number,
): Answer {
  const { seat } = turn;
  const open = seat?.items[turn.place];
  if (seat === null || open === null || open === undefined) {
    return { shown: null, untilMs: turn.endMs };
  }
  const place = { lane, turnNo, turn };
  const { index } = viewer.plan.frame;
  const { holds, untilMs } = judgeAll(index, viewer.screen, seat.campaign, viewer.live, atMs);
  const untilEdgeMs = Math.min(turn.endMs, untilMs);
  if (holds === 'yes') {
    return { shown: { ...place, seat, item: open.item, code: 'turn' }, untilMs: untilEdgeMs };
  }
  const { fallback } = seat;
  if (fallback !== null && fallback.closesMs > atMs) {
    return {
      shown: { ...place, seat, item: fallback.item, code: 'condition-fallback' },
      untilMs: Math.min(untilEdgeMs, fallback.closesMs),
    };
  }
  const { standIn, untilMs: edgeMs } = standInFor(viewer, lane, turnNo, turn, atMs, depth);
  return {
    shown: standIn === null ? null : { ...place, ...standIn, code: 'stand-in' },
    untilMs: Math.min(untilEdgeMs, edgeMs),
  };
}

function laneAnswer(viewer: Viewer, lane: LanePlan, atMs: number): Answer {
  const turnNo = lane.turnAt(atMs);
  const turn = lane.turn(turnNo);
  if (turn === null) return { shown: null, untilMs: viewer.plan.frame.day.toMs };
  return turnAnswer(viewer, lane, turnNo, turn, atMs, 0);
}

/** What is on at a moment: the lane of the highest priority that has something to show. */
function answerAt(viewer: Viewer, atMs: number): Answer {
  const below = laneAnswer(viewer, viewer.plan.base, atMs);
  const priority = below.shown?.turn.seat?.campaign.priority ?? -1;
  let { untilMs } = below;
  for (const lane of viewer.plan.overlays) {
    if ((lane.priority ?? -1) < priority) break;
    const over = laneAnswer(viewer, lane, atMs);
    untilMs = Math.min(untilMs, over.untilMs);
    if (over.shown !== null) return { shown: over.shown, untilMs: over.untilMs };
  }
  return { shown: below.shown, untilMs };
}

const sameAs = (a: Shown | null, b: Shown | null): boolean =>
  a === null || b === null
    ? a === b
    : a.lane === b.lane &&
      a.turnNo === b.turnNo &&
      a.item === b.item &&
      a.seat.no === b.seat.no &&
      a.code === b.code;

/** The whole piece that holds a moment: it begins and ends where something else is on. */
export function pieceAt(viewer: Viewer, atMs: number): Piece {
  const { plan } = viewer;
  const starts = [plan.base, ...plan.overlays].map(
    (lane) => lane.turn(lane.turnAt(atMs))?.startMs ?? atMs,
  );
  let fromMs = Math.min(...starts);
  let { shown, untilMs: toMs } = answerAt(viewer, fromMs);
  for (;;) {
    if (toMs >= plan.frame.day.toMs) break;
    const next = answerAt(viewer, toMs);
    const goesOn = sameAs(shown, next.shown) && shown !== null;
    if (goesOn) toMs = next.untilMs;
    else if (toMs > atMs) break;
    else [fromMs, shown, toMs] = [toMs, next.shown, next.untilMs];
  }
  return { fromMs, toMs: Math.min(toMs, plan.frame.day.toMs), shown };
}
