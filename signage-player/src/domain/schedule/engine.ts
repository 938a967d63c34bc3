import type { Segment, Seat, Tier } from './segments.ts';
import type { ExclusionCode } from './slot.ts';

/*
 * One lane's day, turn by turn. Everything that the next turn depends on is in `LaneState`, so that
 * a copy of it can be played on from.
 */

/** What the next turn depends on. Times are UTC ms. */
export interface LaneState {
  atMs: number;
  segment: number;
  /** Of the item that was on last; null after a time in which nothing was. */
  lastItem: string | null;
  /** What a condition could have put in that item's place. */
  lastFallback: string | null;
  /** By campaign: air time owed (positive) or had in advance (negative), ms. */
  readonly owedMs: Float64Array;
  /** By campaign: the place of the item that it showed last; -1 for none. */
  readonly lastPlace: Int16Array;
  /** By campaign: its last start, as far as its cap goes. */
  readonly lastStartMs: Float64Array;
  /** By category: the end of its last item, and the separation that this one asks for, ms. */
  readonly categoryEndMs: Float64Array;
  readonly categoryGapMs: Float64Array;
}

/** What a lane's turns are drawn from. */
export interface Lane {
  readonly campaigns: number;
  readonly segments: readonly Segment[];
  readonly dayEndMs: number;
  /** Categories by name, numbered from 0. */
  readonly categories: ReadonlyMap<string, number>;
  /** By category: the longest separation that a campaign of the lane asks for, ms. */
  readonly longestGapMs: readonly number[];
  /** Categories that another lane may show at any time: not shown in this one. */
  readonly closedCategories: ReadonlySet<string>;
  /** Asked for each promotion's turn; null: by what is owed. */
  readonly decide: ((promotions: readonly Contender[], state: LaneState) => Contender) | null;
}

/** A campaign that may have this turn, with the item that it would show. */
export interface Contender {
  readonly seat: Seat;
  readonly place: number;
  /** Until when the item may be on: its own time, and no longer than the tier's. */
  readonly limitMs: number;
  readonly fits: boolean;
  readonly repeats: boolean;
}

/** A turn that was given; `seat` null: nothing may be on. */
export interface Turn {
  readonly startMs: number;
  readonly endMs: number;
  readonly segment: number;
  readonly seat: Seat | null;
  readonly place: number;
}

/** What a turn was chosen from, for those who ask why. */
export interface Account {
  readonly contenders: Contender[];
  readonly refused: { seat: Seat; code: ExclusionCode }[];
}

const hourMs = 3_600_000;

/** The least time between two starts of a capped campaign: so no hour holds more than its cap. */
export const capGapMs = (capPerHour: number): number => Math.ceil(hourMs / capPerHour);

/** A lane at the beginning of its day, as if all that is counted had been on at that moment. */
export function firstState(lane: Lane, startMs: number): LaneState {
  return {
    atMs: startMs,
    segment: 0,
    lastItem: null,
    lastFallback: null,
    owedMs: new Float64Array(lane.campaigns),
    lastPlace: new Int16Array(lane.campaigns).fill(-1),
    lastStartMs: new Float64Array(lane.campaigns).fill(startMs),
    categoryEndMs: new Float64Array(lane.categories.size).fill(startMs),
    categoryGapMs: Float64Array.from(lane.longestGapMs),
  };
}

export function copyOf(state: LaneState): LaneState {
  return {
    ...state,
    owedMs: state.owedMs.slice(),
    lastPlace: state.lastPlace.slice(),
    lastStartMs: state.lastStartMs.slice(),
    categoryEndMs: state.categoryEndMs.slice(),
    categoryGapMs: state.categoryGapMs.slice(),
  };
}

/** When a category may be on again for a campaign, UTC ms. */
function freeMs(lane: Lane, state: LaneState, category: string | null, seat: Seat): number {
  if (category === null) return 0;
  if (lane.closedCategories.has(category)) return Infinity;
  const no = lane.categories.get(category) ?? 0;
  const gapMs = Math.max(state.categoryGapMs[no] ?? 0, seat.campaign.separationS * 1000);
  return gapMs === 0 ? 0 : (state.categoryEndMs[no] ?? 0) + gapMs;
}

/** When a campaign may start again under its cap, UTC ms. */
function cappedUntilMs(state: LaneState, { campaign, no }: Seat): number {
  const { capPerHour } = campaign;
  return capPerHour === null ? 0 : (state.lastStartMs[no] ?? 0) + capGapMs(capPerHour);
}

/** The first open item after the last one, in the campaign's order. */
export function nextPlace(seat: Seat, lastPlace: number): number {
  const count = seat.items.length;
  for (let step = 1; step <= count; step += 1) {
    const place = (lastPlace + step) % count;
    if (seat.items[place] !== null && seat.items[place] !== undefined) return place;
  }
  return -1;
}

const wasOn = ({ lastItem, lastFallback }: LaneState, itemId: string | null): boolean =>
  itemId !== null && (itemId === lastItem || itemId === lastFallback);

type Refusal = { code: ExclusionCode; untilMs: number };

function contend(lane: Lane, state: LaneState, tier: Tier, seat: Seat): Contender | Refusal {
  const cappedMs = cappedUntilMs(state, seat);
  if (cappedMs > state.atMs) return { code: 'cap', untilMs: cappedMs };
  const place = nextPlace(seat, state.lastPlace[seat.no] ?? -1);
  const open = seat.items[place];
  if (open === null || open === undefined) return { code: 'turn', untilMs: Infinity };
  // The fallback may take the item's place at any time, so it has to be free as well.
  const freeAtMs = Math.max(
    freeMs(lane, state, open.item.category, seat),
    freeMs(lane, state, seat.fallback?.item.category ?? null, seat),
  );
  if (freeAtMs > state.atMs) return { code: 'separation', untilMs: freeAtMs };
  const limitMs = Math.min(open.closesMs, tier.opensAboveMs);
  return {
    seat,
    place,
    limitMs,
    fits: state.atMs + open.item.durationMs <= limitMs,
    repeats: wasOn(state, open.item.itemId) || wasOn(state, seat.fallback?.item.itemId ?? null),
  };
}

const durationOf = ({ seat, place }: Contender): number => seat.items[place]?.item.durationMs ?? 0;

function mostOwed(state: LaneState, contenders: readonly Contender[]): Contender | undefined {
  let best: Contender | undefined;
  for (const contender of contenders) {
    if (
      best === undefined ||
      (state.owedMs[contender.seat.no] ?? 0) > (state.owedMs[best.seat.no] ?? 0)
    ) {
      best = contender;
    }
  }
  return best;
}

/**
 * Those who may have the turn: items that end in time before others, others than the last one
 * before it. The last one may follow itself only when it is owed more than the longest item: its
 * share is
 * then more than half, and could not be kept otherwise.
 */
export function admissible(
  state: LaneState,
  contenders: readonly Contender[],
): readonly Contender[] {
  const pool = inTime(contenders);
  let [longestMs, mostOwedMs, repeating] = [0, -Infinity, 0];
  for (const contender of pool) {
    longestMs = Math.max(longestMs, durationOf(contender));
    mostOwedMs = Math.max(mostOwedMs, state.owedMs[contender.seat.no] ?? 0);
    if (contender.repeats) repeating += 1;
  }
  if (repeating === 0 || repeating === pool.length || mostOwedMs > longestMs) return pool;
  return pool.filter(({ repeats }) => !repeats);
}

/** Those whose item ends in time; where none does, the house's own are cut before paid ones. */
function inTime(contenders: readonly Contender[]): readonly Contender[] {
  if (contenders.every(({ fits }) => fits)) return contenders;
  const fitting = contenders.filter(({ fits }) => fits);
  if (fitting.length > 0) return fitting;
  const own = contenders.filter(({ seat, place }) => seat.items[place]?.item.advertiser === null);
  return own.length > 0 ? own : contenders;
}

/** One seat of all promotions together, when somebody else decides among them. */
function choose(
  lane: Lane,
  state: LaneState,
  allowed: readonly Contender[],
): Contender | undefined {
  const best = mostOwed(state, allowed);
  if (lane.decide === null || best === undefined) return best;
  const promotions = allowed.filter(({ seat }) => seat.campaign.slot === 'promotion');
  const loop = mostOwed(
    state,
    allowed.filter(({ seat }) => seat.campaign.slot === 'loop'),
  );
  const owedMs = promotions.reduce((sum, { seat }) => sum + (state.owedMs[seat.no] ?? 0), 0);
  if (promotions.length === 0) return loop;
  if (loop !== undefined && (state.owedMs[loop.seat.no] ?? 0) >= owedMs) return loop;
  return lane.decide(promotions, state);
}

/** Books a turn: those who contended earn their shares of it, whoever has it pays for it. */
function book(
  lane: Lane,
  state: LaneState,
  contenders: readonly Contender[],
  { seat, place }: Contender,
  endMs: number,
): void {
  const lengthMs = endMs - state.atMs;
  let weights = 0;
  for (const contender of contenders) weights += contender.seat.campaign.weight;
  for (const contender of contenders) {
    const { no, campaign } = contender.seat;
    state.owedMs[no] = (state.owedMs[no] ?? 0) + (lengthMs * campaign.weight) / weights;
  }
  state.owedMs[seat.no] = (state.owedMs[seat.no] ?? 0) - lengthMs;
  state.lastPlace[seat.no] = place;
  state.lastStartMs[seat.no] = state.atMs;
  const item = seat.items[place]?.item;
  state.lastItem = item?.itemId ?? null;
  state.lastFallback = seat.fallback?.item.itemId ?? null;
  for (const category of [item?.category ?? null, seat.fallback?.item.category ?? null]) {
    const no = category === null ? undefined : lane.categories.get(category);
    if (no === undefined) continue;
    state.categoryEndMs[no] = endMs;
    state.categoryGapMs[no] = seat.campaign.separationS * 1000;
  }
}

/** When an item ends: it stays until the end of its time where nothing would fit in between. */
function endOf(state: LaneState, tier: Tier, { seat, place, limitMs }: Contender): number {
  const durationMs = seat.items[place]?.item.durationMs ?? 0;
  const endMs = Math.min(state.atMs + durationMs, limitMs);
  const restMs = tier.opensAboveMs - endMs;
  return restMs < tier.shortestMs && limitMs >= tier.opensAboveMs ? tier.opensAboveMs : endMs;
}

// From here on nobody knows what was on: everything that is counted counts as just shown.
function doubt(lane: Lane, state: LaneState, atMs: number): void {
  state.lastStartMs.fill(atMs);
  state.categoryEndMs.fill(atMs);
  state.categoryGapMs.set(lane.longestGapMs);
}

/** Gives the next turn, and moves the state behind it. */
export function takeTurn(lane: Lane, state: LaneState, account?: Account): Turn {
  while (state.atMs >= (lane.segments[state.segment]?.toMs ?? Infinity)) {
    state.segment += 1;
    const entered = lane.segments[state.segment];
    if (entered?.doubt === true) doubt(lane, state, entered.fromMs);
  }
  const segment = lane.segments[state.segment];
  const startMs = state.atMs;
  let againMs = segment?.toMs ?? lane.dayEndMs;
  for (const tier of segment?.tiers ?? []) {
    const contenders: Contender[] = [];
    for (const seat of tier.seats) {
      const contender = contend(lane, state, tier, seat);
      if ('code' in contender) {
        againMs = Math.min(againMs, contender.untilMs);
        account?.refused.push({ seat, code: contender.code });
      } else contenders.push(contender);
    }
    const chosen = choose(lane, state, admissible(state, contenders));
    if (chosen === undefined) continue;
    account?.contenders.push(...contenders);
    const endMs = endOf(state, tier, chosen);
    const turn = { startMs, endMs, segment: state.segment, seat: chosen.seat, place: chosen.place };
    book(lane, state, contenders, chosen, endMs);
    state.atMs = endMs;
    return turn;
  }
  state.atMs = Math.max(againMs, startMs + 1);
  state.lastItem = null;
  state.lastFallback = null;
  return { startMs, endMs: state.atMs, segment: state.segment, seat: null, place: -1 };
}
