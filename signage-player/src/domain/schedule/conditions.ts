import type { Campaign, LiveView, Screen } from '@foyer/contracts';

import { courseAt, doorEdgesMs } from './door.ts';
import { showsAround } from './house.ts';
import type { Index } from './house.ts';
import { delayMinOf, momentMs } from './shows.ts';
import type { Show } from './shows.ts';

type Condition = Campaign['conditions'][number];

/** What live state says of a condition, and until when it can say nothing else; UTC ms. */
export interface Judgement {
  readonly holds: 'yes' | 'no' | 'unknown';
  readonly untilMs: number;
  /** "waiting is 12, at least 5 asked". */
  readonly text: string;
}

/** A value that live state gives, with how complete it is. */
interface Reading {
  /** Null: nobody told. */
  readonly value: number | null;
  /** False: some of it is silent, so that the value is a lower bound. */
  readonly whole: boolean;
  readonly untilMs: number;
}

// Two clocks of a house may differ; a value from further ahead was told by a clock that is wrong.
const clockSkewMs = 60_000;

interface Told {
  readonly atMs: number;
}

function isFresh({ atMs }: Told, maxAgeMs: number, nowMs: number): boolean {
  return nowMs < atMs + maxAgeMs && nowMs >= atMs - clockSkewMs;
}

/** When a value's freshness changes next. */
function freshEdgeMs({ atMs }: Told, maxAgeMs: number, nowMs: number): number {
  if (nowMs < atMs - clockSkewMs) return atMs - clockSkewMs;
  return nowMs < atMs + maxAgeMs ? atMs + maxAgeMs : Infinity;
}

function sumOf(
  values: readonly (({ count: number } & Told) | undefined)[],
  maxAgeMs: number,
  nowMs: number,
): Reading {
  let sum = 0;
  let fresh = 0;
  let untilMs = Infinity;
  for (const told of values) {
    if (told === undefined) continue;
    untilMs = Math.min(untilMs, freshEdgeMs(told, maxAgeMs, nowMs));
    if (!isFresh(told, maxAgeMs, nowMs)) continue;
    sum += told.count;
    fresh += 1;
  }
  return {
    value: fresh === 0 ? null : sum,
    whole: values.length > 0 && fresh === values.length,
    untilMs,
  };
}

/** The show at the screen's door, or those of the house whose doors are open. */
function showsConcerned(
  index: Index,
  screen: Screen,
  live: LiveView,
  nowMs: number,
): { shows: Show[]; untilMs: number } {
  const near = showsAround(index, nowMs, nowMs).filter(
    ({ auditorium }) => screen.auditorium === null || auditorium === screen.auditorium,
  );
  let untilMs = Infinity;
  const soon = (edgeMs: number | null): void => {
    if (edgeMs !== null && edgeMs > nowMs) untilMs = Math.min(untilMs, edgeMs);
  };
  if (screen.auditorium !== null) {
    for (const show of near) {
      for (const edge of doorEdgesMs(index.programme, show, live)) soon(edge);
    }
    const course = courseAt(index.programme, screen.auditorium, live, nowMs);
    return { shows: course === null ? [] : [course.show], untilMs };
  }
  const shows = near.filter((show) => {
    const delayMin = delayMinOf(show, live.delays);
    const opensMs = momentMs(index, show, delayMin, 'doors-open') ?? Infinity;
    const closesMs = momentMs(index, show, delayMin, 'doors-close') ?? -Infinity;
    soon(opensMs);
    soon(closesMs);
    return opensMs <= nowMs && nowMs < closesMs;
  });
  return { shows, untilMs };
}

const unknown = (untilMs: number): Reading => ({ value: null, whole: false, untilMs });

function delayReading(
  shows: readonly Show[],
  live: LiveView,
  maxAgeMs: number,
  nowMs: number,
): Reading {
  let value = 0;
  let untilMs = Infinity;
  for (const show of shows) {
    const told = live.delays.find(({ showNo }) => showNo === show.showNo);
    if (told !== undefined) {
      untilMs = Math.min(untilMs, freshEdgeMs(told, maxAgeMs, nowMs));
      if (!isFresh(told, maxAgeMs, nowMs)) return unknown(untilMs);
    }
    value = Math.max(value, told?.delayMin ?? show.delayMin);
  }
  return { value, whole: true, untilMs };
}

function readingFor(
  index: Index,
  screen: Screen,
  { metric, maxAgeS }: Condition,
  live: LiveView,
  nowMs: number,
): Reading {
  const maxAgeMs = maxAgeS * 1000;
  if (metric === 'waiting') return sumOf(Object.values(live.waiting), maxAgeMs, nowMs);
  const { shows, untilMs } = showsConcerned(index, screen, live, nowMs);
  if (shows.length === 0) return unknown(untilMs);
  if (metric === 'delay-min') {
    const delay = delayReading(shows, live, maxAgeMs, nowMs);
    return { ...delay, untilMs: Math.min(untilMs, delay.untilMs) };
  }
  const counts = metric === 'admitted-share' ? live.admitted : live.sold;
  const people = sumOf(
    shows.map(({ showNo }) => counts[String(showNo)]),
    maxAgeMs,
    nowMs,
  );
  const edgeMs = Math.min(untilMs, people.untilMs);
  const seats = shows.map(({ auditorium }) => index.auditoriums.get(auditorium)?.capacity ?? 0);
  const capacity = seats.reduce((sum, each) => sum + each, 0);
  // A share of seats that nobody knows says nothing, nor does one of half the shows.
  if (seats.includes(0) || people.value === null || !people.whole) return unknown(edgeMs);
  const value =
    metric === 'seats-left' ? Math.max(0, capacity - people.value) : people.value / capacity;
  return { value, whole: true, untilMs: edgeMs };
}

const words: Readonly<Record<Condition['metric'], string>> = {
  'admitted-share': 'the share of seats admitted',
  'sold-share': 'the share of seats sold',
  'seats-left': 'the number of seats left',
  waiting: 'the number of people who wait',
  'delay-min': 'the delay in minutes',
};

function judge(
  index: Index,
  screen: Screen,
  condition: Condition,
  live: LiveView,
  nowMs: number,
): Judgement {
  const { value, whole, untilMs } = readingFor(index, screen, condition, live, nowMs);
  const { metric, is, value: asked } = condition;
  // A lower bound can prove "at least", nothing else.
  const proves = value !== null && (is === 'at-least' ? value >= asked : whole && value <= asked);
  const refutes = value !== null && (is === 'at-most' ? value > asked : whole && value < asked);
  const holds = proves ? 'yes' : refutes ? 'no' : 'unknown';
  const known = value === null ? 'not known' : String(Math.round(value * 1000) / 1000);
  const wanted = `${is === 'at-least' ? 'at least' : 'at most'} ${asked}`;
  return { holds, untilMs, text: `${words[metric]} is ${known}, ${wanted} is asked for` };
}

/** All conditions of a campaign: the first that does not hold, or when one may change next. */
export function judgeAll(
  index: Index,
  screen: Screen,
  { conditions }: Campaign,
  live: LiveView,
  nowMs: number,
): Judgement {
  let untilMs = Infinity;
  let failed: Judgement | null = null;
  for (const condition of conditions) {
    const judgement = judge(index, screen, condition, live, nowMs);
    untilMs = Math.min(untilMs, judgement.untilMs);
    if (judgement.holds !== 'yes') failed ??= judgement;
  }
  return { holds: failed?.holds ?? 'yes', text: failed?.text ?? '', untilMs };
}
