/** When the picture changed, and when one item took the place of another; ms of one clock. */
export interface Watched {
  readonly changesMs: readonly number[];
  readonly jointsMs: readonly number[];
}

const beforeMs = 400;
const afterMs = 900;

/**
 * For each joint the longest time around it in which the picture stood still, in frames of
 * `frameMs` that are missing: 0 when every frame came.
 */
export function gapFrames(watched: Watched, frameMs: number): number[] {
  const changes = [...watched.changesMs, ...watched.jointsMs].toSorted((a, b) => a - b);
  return watched.jointsMs.map((jointMs) => {
    const near = changes.filter((at) => at >= jointMs - beforeMs && at <= jointMs + afterMs);
    let longestMs = 0;
    near.forEach((at, index) => {
      const next = near[index + 1];
      // Only what touches the joint: elsewhere a picture may stand still on purpose.
      const touches = next !== undefined && at <= jointMs && next >= jointMs;
      if (touches) longestMs = Math.max(longestMs, next - at);
    });
    return Math.max(0, Math.round(longestMs / frameMs) - 1);
  });
}
