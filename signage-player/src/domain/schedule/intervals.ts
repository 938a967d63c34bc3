/** A stretch of time, UTC ms: from `fromMs` (inclusive) to `toMs` (exclusive). */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Sorts intervals and joins those that touch. */
export function joined(intervals: readonly Interval[]): Interval[] {
  const result: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs >= toMs) continue;
    const last = result.at(-1);
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else result.push({ fromMs, toMs });
  }
  return result;
}

/** What is in both of two lists that are sorted and joined. */
export function overlapOf(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [left, right] = [a[i], b[j]];
    if (left === undefined || right === undefined) return result;
    const fromMs = Math.max(left.fromMs, right.fromMs);
    const toMs = Math.min(left.toMs, right.toMs);
    if (fromMs < toMs) result.push({ fromMs, toMs });
    if (left.toMs < right.toMs) i += 1;
    else j += 1;
  }
}

/** The interval of a sorted list that holds a moment. */
export function intervalAt(intervals: readonly Interval[], atMs: number): Interval | undefined {
  return intervals.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
}

/** What of a sorted, joined list is in none of another such list. */
export function without(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const { fromMs, toMs } of a) {
    let startMs = fromMs;
    for (const hole of b) {
      if (hole.toMs <= startMs || hole.fromMs >= toMs) continue;
      if (hole.fromMs > startMs) result.push({ fromMs: startMs, toMs: hole.fromMs });
      startMs = hole.toMs;
    }
    if (startMs < toMs) result.push({ fromMs: startMs, toMs });
  }
  return result;
}
