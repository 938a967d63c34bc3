/** Bounds of one minimisation. */
export interface MinimiseBudget {
  tries: number;
  untilMs: number;
}

/**
 * A shorter input that still fails: parts are left out, halves first, single bytes last, as long as
 * `fails` holds of what remains and the budget lasts.
 */
export async function minimise(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => Promise<boolean>,
  budget: MinimiseBudget,
  nowMs: () => number = () => performance.now(),
): Promise<Uint8Array> {
  let best = input;
  let tries = budget.tries;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.length;) {
      if (tries <= 0 || nowMs() > budget.untilMs) return best;
      tries -= 1;
      const candidate = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      if (await fails(candidate)) best = candidate;
      else at += size;
    }
  }
  return best;
}
