import type { Pulse } from '../wire.ts';
import type { Trouble } from './watchdog.ts';

/** How long each sign of trouble must last. */
export interface VitalLimits {
  readonly silentMs: number;
  readonly firstPageMs: number;
  readonly stuckMs: number;
  readonly differsMs: number;
}

/** What a screen's pulses say over time. Times are monotonic ms, so that no clock jump alarms. */
export interface Vitals {
  readonly bornMs: number;
  readonly pulseMs: number | null;
  /** The item that is on, with its start. */
  readonly playing: string | null;
  /** How long it was seen to be on, and how long its position was seen to stand still. */
  readonly seenMs: number;
  readonly stillMs: number;
  readonly durationMs: number;
  readonly positionMs: number | null;
  readonly differsSinceMs: number | null;
  readonly blankMs: number;
  readonly blankSinceMs: number | null;
  readonly pageId: string | null;
}

/** Blank for longer than this is not a moment between two pictures. */
const blankLimitMs = 3_000;

export const noVitals = (nowMs: number): Vitals => ({
  bornMs: nowMs,
  pulseMs: null,
  playing: null,
  seenMs: 0,
  stillMs: 0,
  durationMs: 0,
  positionMs: null,
  differsSinceMs: null,
  blankMs: 0,
  blankSinceMs: null,
  pageId: null,
});

/**
 * Between two pulses that are further apart nobody looked: on a box that is starved of time a page
 * is late, and its film with it, without anything being stuck.
 */
const longestLookMs = 2_000;

/** Takes a pulse that came at `nowMs`. */
export function feel(before: Vitals, pulse: Pulse, nowMs: number): Vitals {
  const { playing } = pulse;
  const isSamePage = before.pageId === pulse.pageId;
  const key = playing === null ? null : `${playing.itemId}@${playing.sinceMs}`;
  const isSame = isSamePage && key !== null && key === before.playing;
  const positionMs = playing?.positionMs ?? null;
  const hasMoved = !isSame || positionMs === null || positionMs !== before.positionMs;
  const lookMs = Math.min(longestLookMs, nowMs - (before.pulseMs ?? nowMs));
  const grewBlank = isSamePage && pulse.blankMs > before.blankMs && pulse.mode !== 'standby';
  const differs = pulse.display === 'differed' && playing !== null;
  return {
    bornMs: before.bornMs,
    pulseMs: nowMs,
    playing: key,
    seenMs: isSame ? before.seenMs + lookMs : 0,
    stillMs: hasMoved ? 0 : before.stillMs + lookMs,
    durationMs: playing?.durationMs ?? 0,
    positionMs,
    differsSinceMs: differs ? (before.differsSinceMs ?? nowMs) : null,
    blankMs: pulse.blankMs,
    blankSinceMs: grewBlank ? (before.blankSinceMs ?? before.pulseMs ?? nowMs) : null,
    pageId: pulse.pageId,
  };
}

/** This program itself did not run for `lateMs`: what came or did not come then says nothing. */
export function excuse(vitals: Vitals, lateMs: number): Vitals {
  const later = (atMs: number | null): number | null => (atMs === null ? null : atMs + lateMs);
  return {
    ...vitals,
    bornMs: vitals.bornMs + lateMs,
    pulseMs: later(vitals.pulseMs),
    differsSinceMs: later(vitals.differsSinceMs),
    blankSinceMs: later(vitals.blankSinceMs),
  };
}

/** What is wrong at `nowMs`, the worst first; null: nothing. */
export function troubleOf(vitals: Vitals, nowMs: number, limits: VitalLimits): Trouble | null {
  const { pulseMs } = vitals;
  if (pulseMs === null) return nowMs - vitals.bornMs > limits.firstPageMs ? 'page-silent' : null;
  if (nowMs - pulseMs > limits.silentMs) return 'page-silent';
  const { blankSinceMs, differsSinceMs, durationMs, playing } = vitals;
  if (blankSinceMs !== null && pulseMs - blankSinceMs > blankLimitMs) return 'display-differs';
  if (playing !== null) {
    const isStill = vitals.stillMs > limits.stuckMs;
    const isOver = vitals.seenMs > durationMs + limits.stuckMs;
    if (isStill || isOver) return 'playback-stalled';
  }
  if (differsSinceMs !== null && pulseMs - differsSinceMs > limits.differsMs)
    return 'display-differs';
  return null;
}
