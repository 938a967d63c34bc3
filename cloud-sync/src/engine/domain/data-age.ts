import type { Chunk } from '@foyer/contracts';

/**
 * When a replica was last in step with the source of truth, UTC milliseconds, after its upstream
 * said that it holds nothing newer. `ageMs` is the upstream's own age: null when that was never in
 * step, absent from an upstream of an earlier version, which counts as 0. What was known before
 * holds on where it is later, unless a clock that was set back puts it into the future.
 */
export function inStepMs(
  beforeMs: number | null,
  ageMs: number | null | undefined,
  nowMs: number,
): number | null {
  if (ageMs === null) return beforeMs;
  const heardMs = nowMs - (ageMs ?? 0);
  return beforeMs === null || beforeMs > nowMs ? heardMs : Math.max(beforeMs, heardMs);
}

/**
 * The age that an answer tells, when it arrives: `ageMs` was true at `askedMs` or later, both by
 * the clock of whoever asked. Without that of an earlier version it counts as made just now.
 */
export function arrivedAgeMs(
  { ageMs, askedMs }: Pick<Chunk, 'ageMs' | 'askedMs'>,
  nowMs: number,
): number | null | undefined {
  if (typeof ageMs !== 'number' || askedMs === undefined) return ageMs;
  return ageMs + Math.max(0, Math.round(nowMs) - askedMs);
}

/** The age of data that was in step at `appliedMs`, whole milliseconds; null: it never was. */
export function ageOf(appliedMs: number | null, nowMs: number): number | null {
  return appliedMs === null ? null : Math.max(0, Math.round(nowMs - appliedMs));
}
