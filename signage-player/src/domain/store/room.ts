/** A file of the store as eviction sees it. */
export interface StoredFile {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** When a programme that played last needed it, UTC ms; 0: never. */
  readonly lastScheduledMs: number;
}

export interface RoomQuestion {
  readonly files: readonly StoredFile[];
  /** Needed by the programme that plays or by the next one: never evicted. */
  readonly hold: ReadonlySet<string>;
  /** What is to come in. */
  readonly incomingBytes: number;
  /** Begun files, which count as stored. */
  readonly partBytes: number;
  /** The store's own bound. */
  readonly maxBytes: number;
  /** Free on the disk now. */
  readonly freeBytes: number;
  /** Left free for the others on this disk, the agent's database first of all. */
  readonly minFreeBytes: number;
}

/** Files to remove so that the incoming one fits; `fits` false: it cannot, and nothing goes. */
export interface Room {
  readonly fits: boolean;
  readonly evict: readonly string[];
}

/**
 * Makes room: the least recently scheduled go first, the largest first among equals, never a file
 * that is held. Nothing is evicted in vain: where all of it would not be enough, nothing is.
 */
export function makeRoom(question: RoomQuestion): Room {
  const { files, hold, incomingBytes, partBytes, maxBytes, freeBytes, minFreeBytes } = question;
  const storedBytes = files.reduce((sum, file) => sum + file.sizeBytes, partBytes);
  const over = Math.max(
    storedBytes + incomingBytes - maxBytes,
    incomingBytes + minFreeBytes - freeBytes,
  );
  const evict: string[] = [];
  let freed = 0;
  const candidates = files
    .filter(({ sha256 }) => !hold.has(sha256))
    .toSorted(
      (one, other) =>
        one.lastScheduledMs - other.lastScheduledMs || other.sizeBytes - one.sizeBytes,
    );
  for (const file of candidates) {
    if (freed >= over) break;
    evict.push(file.sha256);
    freed += file.sizeBytes;
  }
  return freed >= over ? { fits: true, evict } : { fits: false, evict: [] };
}
