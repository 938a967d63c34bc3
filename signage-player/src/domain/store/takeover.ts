/** A programme and the names of the files that it needs on this box. */
export interface Offer {
  readonly hash: string;
  readonly files: readonly string[];
}

/** What to do so that pages show the newest programme that is wholly here. */
export interface TakeoverPlan {
  /** `take`: give the offered programme to the pages now. `keep`: leave them what they have. */
  readonly step: 'take' | 'keep';
  /** Files to fetch: those of the programme that plays first, then the offered one's. */
  readonly fetch: readonly string[];
  /** Files that must not be evicted. */
  readonly hold: ReadonlySet<string>;
  /** The offered programme's hash while it waits for files, else null. */
  readonly fetchingHash: string | null;
}

/**
 * Decides between the programme that plays and the one that is offered. A new one takes over only
 * when every file that it needs is in the store; it plays on with the old one until then. With no
 * programme at all the first is still waited for: the fallback is whole, half a programme is not.
 */
export function decideTakeover(
  current: Offer | null,
  offered: Offer | null,
  have: (sha256: string) => boolean,
): TakeoverPlan {
  const isNew = offered !== null && offered.hash !== current?.hash;
  const missing = isNew ? offered.files.filter((file) => !have(file)) : [];
  const take = isNew && missing.length === 0;
  const playing = take ? offered : current;
  const repair = (playing?.files ?? []).filter((file) => !have(file));
  const fetch = [...new Set([...repair, ...missing])];
  return {
    step: take ? 'take' : 'keep',
    fetch,
    hold: new Set([...(playing?.files ?? []), ...(isNew ? offered.files : [])]),
    fetchingHash: isNew && !take ? offered.hash : null,
  };
}
