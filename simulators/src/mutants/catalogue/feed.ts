import { inFile, mutant } from '../mutant.ts';

const engine = 'cloud-sync/src/engine';
const pull = `${engine}/domain/feed-pull.ts`;
const source = `${engine}/domain/feed-source.ts`;
const client = `${engine}/adapters/feed-client.ts`;
const rows = `${engine}/adapters/replica-rows.ts`;
const store = `${engine}/adapters/replica-store.ts`;
const care = `${engine}/adapters/replica-care.ts`;

/** Bugs on the way down: cursors, epochs, snapshots, digests. */
export const feedMutants = [
  mutant(
    'stale-chunk-accepted',
    'A chunk that comes a second time is applied again, and the cursor goes back with it.',
    ...inFile(
      pull,
      [
        'if (chunk.since < cursor || chunk.next < chunk.since || !moves) return [];',
        'if (chunk.next < chunk.since || !moves) return [];',
      ],
      [
        'if (fits && message.since === cursor) return message;',
        'if (fits && message.since <= cursor) return message;',
      ],
    ),
  ),
  mutant(
    'gap-in-chunks-accepted',
    'Where a chunk was lost the next one is applied all the same, and the rows between are missed.',
    ...inFile(pull, [
      'if (fits && message.since === cursor) return message;',
      'if (fits) return message;',
    ]),
  ),
  mutant(
    'cursor-before-rows',
    'The cursor is committed before the rows that it stands for.',
    ...inFile(store, [
      `this.#journal.transaction(() => {
      const row = this.#feeds.feed(feed);
      const before = { count: row.row_count, sum: row.row_sum };
      const { digest, newestSeq } = this.#rows.put(row`,
      `this.#feeds.setFeed({ ...this.#feeds.feed(feed), epoch, cursor: next, mark });
    this.#journal.transaction(() => {
      const row = this.#feeds.feed(feed);
      const before = { count: row.row_count, sum: row.row_sum };
      const { digest, newestSeq } = this.#rows.put(row`,
    ]),
  ),
  mutant(
    'epoch-not-compared',
    'A new epoch is taken for the old one, and the cursor is kept across it.',
    ...inFile(pull, ['if (epoch !== null && chunk.epoch !== epoch) return [];', '']),
    ...inFile(pull, [
      'const fits = message.epoch === epoch || (epoch === null && message.since === 0);',
      'const fits = true;',
    ]),
    ...inFile(source, ['if (pull.epoch !== meta.epoch) {', 'if (pull.epoch === null) {']),
  ),
  mutant(
    'mark-not-compared',
    'A source that was restored and grew past the cursor again is not told from the one before.',
    ...inFile(source, [
      'if (!sameCommit && pull.mark !== null) {',
      'if (!sameCommit && pull.mark === "") {',
    ]),
  ),
  mutant(
    'receiver-ahead-is-ignored',
    'A source that was restored says nothing to receivers that are ahead of it.',
    ...inFile(source, [
      "if (since > meta.head) return authority ? { kind: 'new-epoch' } : { kind: 'nothing' };",
      "if (since > meta.head) return { kind: 'nothing' };",
    ]),
  ),
  mutant(
    'truncated-chunk-names-the-head',
    'A chunk that was cut to fit the link says that it reaches the head.',
    ...inFile(source, [
      'const next = atHead ? meta.head : (records[taken - 1]?.seq ?? since);',
      'const next = meta.head;',
    ]),
  ),
  mutant(
    'snapshot-swapped-after-its-first-page',
    'A snapshot comes into service before its last page arrived.',
    ...inFile(store, [
      'if (nextAfter === null) this.#feeds.swap(',
      'if (grown.row_count > 0) this.#feeds.swap(',
    ]),
  ),
  mutant(
    'snapshot-goes-on-in-another-epoch',
    'A snapshot that was begun in one epoch is continued with the pages of another.',
    ...inFile(
      pull,
      [
        'build !== null && build.epoch === page.epoch && build.head === page.head;',
        'build !== null;',
      ],
      [
        `        build?.epoch === message.epoch &&
        build.head === message.head &&
        build.after === message.after`,
        'build?.after === message.after',
      ],
    ),
  ),
  mutant(
    'hint-taken-for-a-cursor',
    'The head that a hint names is written down as the cursor.',
    ...inFile(pull, [
      '    this.#head = hint.head;\n    this.#hinted = same',
      `    this.#head = hint.head;
    if (same && hint.head > cursor) {
      const none = { blocks: [], tombstones: [] };
      const place = { type: 'chunk', epoch: hint.epoch, since: cursor, next: hint.head } as const;
      this.#options.target.applyChunk({
        ...place, feed: hint.feed, head: hint.head, mark: null, body: none,
      });
    }
    this.#hinted = same`,
    ]),
  ),
  mutant(
    'hints-only',
    'A receiver that is told of nothing asks for nothing: one lost hint, and it stays behind.',
    ...inFile(pull, [
      'this.#dueMs = nowMs + everyMs * (0.5 + random.float());',
      'this.#dueMs = everyMs > 0 ? Number.POSITIVE_INFINITY : nowMs + random.float();',
    ]),
  ),
  mutant(
    'lost-answer-never-asked-for-again',
    'A pull whose answer was lost is waited for without end.',
    ...inFile(pull, [
      'const deadlineMs = nowMs + this.#patienceMs() + jitterMs;',
      'const deadlineMs = nowMs + jitterMs + 1e12;',
    ]),
  ),
  mutant(
    'tombstones-not-sent',
    'Deletions are left out of the changes: what was removed lives on below.',
    ...inFile(rows, [
      'WHERE generation = ? AND r.seq > ? AND r.seq <= ?',
      'WHERE generation = ? AND r.seq > ? AND r.seq <= ? AND enc IS NOT NULL',
    ]),
    ...inFile('cloud-sync/src/adapters/store/feed-store.ts', [
      'sql`r.seq > ${after} AND r.seq <= ${upTo}`',
      'sql`r.seq > ${after} AND r.seq <= ${upTo} AND r.enc IS NOT NULL`',
    ]),
  ),
  mutant(
    'tombstones-forgotten-without-the-floor',
    'Old tombstones are forgotten, and a receiver from before then is served changes.',
    ...inFile(care, ['this.#feeds.raiseFloor(feed, floor);', '']),
    ...inFile('cloud-sync/src/adapters/store/feed-store.ts', [
      '.set({ floor: seq })',
      '.set({ floor: 0 })',
    ]),
  ),
  mutant(
    'digest-keeps-deleted-rows',
    'A deleted row stays in the sum that the digest is.',
    ...inFile(rows, [
      'if (old !== null) count(old.grp, (before) => removeHash(before, old.hash));',
      'if (old !== null && record.enc !== null) ' +
        'count(old.grp, (before) => removeHash(before, old.hash));',
    ]),
  ),
  mutant(
    'digests-always-agree',
    'A replica is never found to differ, so damage is never mended.',
    ...inFile(pull, [
      "{ kind: agrees ? 'agrees' : 'differs' }",
      "{ kind: agrees || settled ? 'agrees' : 'differs' }",
    ]),
  ),
  mutant(
    'mended-range-not-fetched',
    'A difference is found and called mended without fetching the rows.',
    ...inFile(client, [
      'const records = unpackBody(body);\n        const nowMs',
      'const records = unpackBody(body).slice(0, 0);\n        const nowMs',
    ]),
  ),
  mutant(
    'rows-kept-in-memory-are-never-read-again',
    'What was read of the house is kept after the house changed.',
    ...inFile(store, [
      '    this.#changed(feed);\n    this.#journal.transaction(() => {\n      const row',
      '    this.#journal.transaction(() => {\n      const row',
    ]),
  ),
];
