import { inFile, mutant } from '../mutant.ts';

const ingest = 'cloud-sync/src/services/ingest.ts';
const lanes = 'cloud-sync/src/adapters/store/lanes.ts';
const gateway = 'cloud-sync/src/adapters/mqtt/gateway.ts';
const writer = 'cloud-sync/src/adapters/store/feed-writer.ts';
const effects = 'cloud-sync/src/adapters/store/events.ts';

const take = 'const ack = await this.#options.ingest.take(theatreNo, push);';

/** Bugs of the cloud end: what it takes in, what it acknowledges, how it numbers changes. */
export const cloudMutants = [
  mutant(
    'no-dedupe-of-effects',
    'An event that comes again under another number has its effect again.',
    ...inFile(ingest, [
      'const effects = parsed.filter((event) => fresh.delete(event.eventId));',
      'const effects = parsed;',
    ]),
  ),
  mutant(
    'acknowledged-before-the-commit',
    'The cloud acknowledges a push as it arrives and writes it afterwards.',
    ...inFile(gateway, [
      take,
      `const { node, incarnation, lane, since, events } = push;
    const lastSeq = since + events.length;
    const told = { type: 'ack', lastSeq, durableSeq: lastSeq, forked: false, rejects: [] } as const;
    const ack = { ...told, rejects: [], node, incarnation, lane };
    void this.#options.ingest.take(theatreNo, push).catch(() => undefined);`,
    ]),
  ),
  mutant(
    'more-acknowledged-than-stored',
    'A push that does not follow what was stored is acknowledged to its end.',
    ...inFile(ingest, [
      'const ack = durableAck(push, decision, { lastSeq: head.lastSeq, rejects: [] });',
      `const end = push.since + push.events.length;
      const ack = durableAck(push, decision, { lastSeq: end, rejects: [] });`,
    ]),
  ),
  mutant(
    'effects-after-the-acknowledgement',
    'The position of a lane is committed first, and the effects in a transaction of their own.',
    ...inFile(ingest, [
      'const fresh = await this.#effects(tx, theatreNo, push, events, rejects);',
      `const fresh = events.length;
    const { store: later } = this.#context;
    void later
      .transaction((own) => this.#effects(own, theatreNo, push, events, []))
      .catch(() => undefined);`,
    ]),
  ),
  mutant(
    'position-of-a-lane-not-stored',
    'The effects of a push are stored, and how far the lane is with them is not.',
    ...inFile(ingest, ['    await setLane(tx, theatreNo, push, decision.head);\n', '']),
  ),
  mutant(
    'incarnations-not-told-apart',
    'A lane is known by its node alone, and the events of a new incarnation pass for old ones.',
    ...inFile(lanes, [
      ".where('incarnation', '=', incarnation)\n" +
        "        .where('lane', '=', lane)\n        .modifyEnd",
      ".where('lane', '=', lane)\n        .orderBy('last_seq', 'desc')\n        .modifyEnd",
    ]),
  ),
  mutant(
    'reject-blocks-its-lane',
    'An event that can never be accepted is tried again for ever, and all behind it wait.',
    ...inFile(ingest, [
      '        rejects.push(judged);\n',
      '        throw new Error(judged.code);\n',
    ]),
  ),
  mutant(
    'late-admission-not-reversed',
    'A reversal that arrives before its admission is forgotten.',
    ...inFile(effects, [
      'reversed: gone.has(`${body.right.ticketId}/${body.right.n}/${body.scanId}`) ? 1 : 0,',
      'reversed: gone.size < 0 ? 1 : 0,',
    ]),
  ),
  mutant(
    'report-overwrites-another',
    'The last report of a double takes the place of the one that knew more.',
    ...inFile(effects, [
      'const union = admissionUnion(known, report.admissions);',
      'const union = admissionUnion([], report.admissions);\n  void known;',
    ]),
  ),
  mutant(
    'report-counted-each-time',
    'Each report of the same double counts as another one.',
    ...inFile(effects, [
      'const union = admissionUnion(known, report.admissions);',
      'const union = [...known, ...report.admissions];\n  void admissionUnion;',
    ]),
  ),
  mutant(
    'timestamp-for-a-cursor',
    'Changes are numbered by the clock: two in one instant have one number.',
    ...inFile(writer, ['        seq += 1;\n', '        seq = Math.max(seq, nowMs);\n']),
  ),
  mutant(
    'changed-row-keeps-its-number',
    'A row that changes keeps the number that it had, and nobody is told.',
    ...inFile(writer, ['  seq = excluded.seq, columns_id', '  columns_id']),
  ),
  mutant(
    'digest-of-the-source-drifts',
    'The source does not take the old version of a changed row out of its digest.',
    ...inFile(writer, [
      'if (before !== undefined) digest = removeHash(digest, before);',
      'void removeHash;',
    ]),
  ),
  mutant(
    'restored-source-keeps-its-epoch',
    'A source that was restored notices it and goes on in the same epoch.',
    ...inFile('cloud-sync/src/adapters/store/feed-store.ts', [
      '.set({ epoch: this.#random.uuid() })',
      '.set({ mark: this.#random.uuid() })',
    ]),
  ),
];
