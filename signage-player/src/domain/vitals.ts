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
  readonly playingSinceMs: number;
  readonly durationMs: number;
  readonly positionMs: number | null;
  readonly movedMs: number;
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
  playingSinceMs: nowMs,
  durationMs: 0,
  positionMs: null,
  movedMs: nowMs,
  differsSinceMs: null,
  blankMs: 0,
  blankSinceMs: null,
  pageId: null,
});

/** Takes a pulse that came at `nowMs`. */
export function feel(before: Vitals, pulse: Pulse, nowMs: number): Vitals {
  const { playing } = pulse;
  const isSamePage = before.pageId === pulse.pageId;
  const key = playing === null ? null : `${playing.itemId}@${playing.sinceMs}`;
  const isSame = isSamePage && key !== null && key === before.playing;
  const positionMs = playing?.positionMs ?? null;
  const hasMoved = !isSame || positionMs === null || positionMs !== before.positionMs;
  const grewBlank = isSamePage && pulse.blankMs > before.blankMs && pulse.mode !== 'standby';
  const differs = pulse.display === 'differed' && playing !== null;
  return {
    bornMs: before.bornMs,
    pulseMs: nowMs,
    playing: key,
    playingSinceMs: isSame ? before.playingSinceMs : nowMs,
    durationMs: playing?.durationMs ?? 0,
    positionMs,
    movedMs: hasMoved ? nowMs : before.movedMs,
    differsSinceMs: differs ? (before.differsSinceMs ?? nowMs) : null,
    blankMs: pulse.blankMs,
    blankSinceMs: grewBlank ? (before.blankSinceMs ?? before.pulseMs ?? nowMs) : null,
    pageId: pulse.pageId,
  };
}

/** What is wrong at `nowMs`, the worst first; null: nothing. */
export function troubleOf(vitals: Vitals, nowMs: number, limits: VitalLimits): Trouble | null {
  const { pulseMs } = vitals;
  if (pulseMs === null) return nowMs - vitals.bornMs > limits.firstPageMs ? 'page-silent' : null;
  if (nowMs - pulseMs > limits.silentMs) return 'page-silent';
  const { blankSinceMs, differsSinceMs, durationMs, playing } = vitals;
  if (blankSinceMs !== null && nowMs - blankSinceMs > blankLimitMs) return 'display-differs';
  if (playing !== null) {
    const isStill = nowMs - vitals.movedMs > limits.stuckMs;
    const isOver = nowMs - vitals.playingSinceMs > durationMs + limits.stuckMs;
    if (isStill || isOver) return 'playback-stalled';
  }
  if (differsSinceMs !== null && nowMs - differsSinceMs > limits.differsMs)
    return 'display-differs';
  return null;
}
