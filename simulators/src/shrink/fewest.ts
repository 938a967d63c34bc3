/** Tells whether a list of items still shows what is looked for. */
export type StillFails = (kept: readonly number[]) => Promise<boolean>;

/** How many runs may still be spent; shared by all lists of one scenario. */
export interface Budget {
  runs: number;
}

function chunks(items: readonly number[], count: number): number[][] {
  const parts: number[][] = [];
  for (let n = 0; n < count; n += 1) {
    const from = Math.floor((n * items.length) / count);
    const to = Math.floor(((n + 1) * items.length) / count);
    if (to > from) parts.push(items.slice(from, to));
  }
  return parts;
}

function without(items: readonly number[], some: readonly number[]): number[] {
  const gone = new Set(some);
  return items.filter((item) => !gone.has(item));
}

/**
 * The places of a list of `length` items that must stay for it to fail still: leaving out any one
 * of them more does not fail (delta debugging: halves first, then ever smaller parts).
 * Deterministic. A budget that runs out ends it with the fewest found by then.
 */
export async function fewestOf(
  length: number,
  fails: StillFails,
  budget: Budget,
): Promise<readonly number[]> {
  const known = new Map<string, boolean>();
  const tryOut = async (kept: readonly number[]): Promise<boolean> => {
    const name = kept.join(',');
    const before = known.get(name);
    if (before !== undefined) return before;
    if (budget.runs <= 0) return false;
    budget.runs -= 1;
    const result = await fails(kept);
    known.set(name, result);
    return result;
  };
  let kept: readonly number[] = Array.from({ length }, (_, place) => place);
  if (length === 0) return kept;
  if (await tryOut([])) return [];
  for (let parts = 2; kept.length > 1;) {
    const smaller = await firstThatFails(kept, parts, tryOut);
    if (smaller !== null) {
      parts = smaller.kind === 'part' ? 2 : Math.max(2, parts - 1);
      kept = smaller.kept;
    } else if (parts >= kept.length || budget.runs <= 0) break;
    else parts = Math.min(kept.length, parts * 2);
  }
  return kept;
}

type Smaller = { kind: 'part' | 'rest'; kept: number[] };

/** A part alone, else everything but a part. */
async function firstThatFails(
  kept: readonly number[],
  parts: number,
  tryOut: StillFails,
): Promise<Smaller | null> {
  const split = chunks(kept, Math.min(parts, kept.length));
  for (const part of split) {
    if (part.length < kept.length && (await tryOut(part))) return { kind: 'part', kept: part };
  }
  if (split.length === 2) return null;
  for (const part of split) {
    const rest = without(kept, part);
    if (await tryOut(rest)) return { kind: 'rest', kept: rest };
  }
  return null;
}
