import { inFile, mutant } from '../mutant.ts';

const admission = 'edge-agent/src/domain/admission';
const commit = `${admission}/commit.ts`;
const record = `${admission}/record.ts`;
const rules = `${admission}/rules.ts`;

const within = 'tally.within(deps, () => writeAdmission(deps, order, verdict));';

/** Bugs of what is written and shown at a gate. */
export const admissionMutants = [
  mutant(
    'green-before-its-commit',
    'The lamp turns green, and the admission is written a moment later.',
    ...inFile(commit, [within, `deps.clock.setTimer('commit', 0, () => {\n    ${within}\n  });`]),
  ),
  mutant(
    'admission-in-several-commits',
    'Event, admission and verdict are written one by one, and a crash leaves some of them.',
    ...inFile(commit, [
      `const result = deps.ledger.transaction(() => {
      if (taken > 0) deps.ledger.count('ignored', taken);
      return work();
    });`,
      'const result = work();',
    ]),
  ),
  mutant(
    'ledger-not-asked-before-the-commit',
    'A claim that was won admits though the ledger has learned meanwhile that the right is gone.',
    ...inFile(commit, [
      'if (other !== undefined || right.n >= rightsOf({ ticketId, admissions, reversed })) {',
      'if (right.n >= rightsOf({ ticketId, admissions, reversed })) {',
    ]),
  ),
  mutant(
    'known-admission-not-looked-at',
    'A ticket that was admitted at another gate is claimed again, and electors do not mind.',
    ...inFile(`${admission}/rights.ts`, [
      'if (!admitted.has(n) && !taken(n)) return',
      'if ((!admitted.has(n) || rights === 1) && !taken(n)) return',
    ]),
    ...inFile(commit, ['if (other !== undefined || right.n >=', 'if (right.n >=']),
    ...inFile(`${admission}/elector.ts`, [
      'if (admission !== undefined) {',
      "if (admission !== undefined && admission.gate === '') {",
    ]),
  ),
  mutant(
    'double-not-reported',
    'An extra admission is counted and told to nobody.',
    ...inFile(record, ['if (all.length < 2) return;', 'if (all.length < 3) return;']),
  ),
  mutant(
    'double-reported-by-its-second-gate-only',
    'Only a gate that admits second itself reports it: who learns of it later does not.',
    ...inFile(record, [
      '  reportDouble(deps, admission);',
      '  if (own) reportDouble(deps, admission);',
    ]),
  ),
  mutant(
    'double-reported-of-reversed-rights',
    'Two entries of one ticket are reported as a double though they are of two rights.',
    ...inFile(record, [
      '.filter((admission) => admission.right.n === right.n);\n  if (all.length',
      '.filter((admission) => admission.right.n <= right.n);\n  if (all.length',
    ]),
  ),
  mutant(
    'scan-not-idempotent',
    'A scan that is sent again is decided again.',
    ...inFile(`${admission}/service.ts`, [
      'if (before !== null && !(request.override && isOverridable(before))) {',
      'if (before !== null && request.peek) {',
    ]),
  ),
  mutant(
    'reversal-not-idempotent',
    'A turnstile that tells the same thing twice reverses twice.',
    ...inFile(`${admission}/passages.ts`, [
      'if (before !== null) return { right, atMs: before.atMs };',
      'void before;',
    ]),
  ),
  mutant(
    'reversal-opens-nothing',
    'A guest whose turnstile did not turn cannot try again.',
    ...inFile(`${admission}/rights.ts`, [
      'entriesOf(ledger.ticketId) + reversals);',
      'entriesOf(ledger.ticketId) + 0 * reversals);',
    ]),
  ),
  mutant(
    'reversal-opens-two-rights',
    'A guest who went out can come back with a friend.',
    ...inFile(`${admission}/rights.ts`, [
      'entriesOf(ledger.ticketId) + reversals);',
      'entriesOf(ledger.ticketId) + 2 * reversals);',
    ]),
  ),
  mutant(
    'refunded-is-admitted',
    'A ticket that was refunded is still good at the gates.',
    ...inFile(rules, ["return refuse('refunded', 'This ticket was refunded');", 'return null;']),
  ),
  mutant(
    'tickets-read-once',
    'A ticket that was read is kept in memory, and its refund is not seen.',
    ...inFile('edge-agent/src/app/replica-view.ts', [
      "feedTables[table].feed === 'house'\n      ? keep",
      "feedTables[table].feed !== 'secrets'\n      ? keep",
    ]),
  ),
  mutant(
    'code-before-row',
    'The show that is printed in the code counts, and not the one that the ticket was moved to.',
    ...inFile(`${admission}/facts.ts`, [
      'replica.show(ticket?.showNo ?? trusted.showNo)',
      'replica.show(trusted.showNo ?? ticket?.showNo)',
    ]),
    ...inFile(rules, [
      'return { ticketId: code.ticketId, showNo, seat, ticketClass };',
      'return { ticketId: code.ticketId, showNo: code.showNo ?? showNo, seat, ticketClass };',
    ]),
  ),
  mutant(
    'stale-data-not-flagged',
    'A gate that has heard of nothing for an hour says nothing of it.',
    ...inFile(rules, [
      "const flags: Flag[] = [...(stale ? (['stale-data'] as const) : []), ...clockFlags];",
      'const flags: Flag[] = [...clockFlags];',
    ]),
  ),
  mutant(
    'strict-class-admitted-alone',
    'A ticket of a strict class is admitted by a gate that can ask nobody.',
    ...inFile(`${admission}/session.ts`, [
      "if (passed.mode === 'open') {",
      "if (passed.mode === 'open' || passed.mode === 'strict') {",
    ]),
  ),
  mutant(
    'clock-set-back-is-believed',
    'A gate whose clock runs backwards decides by it.',
    ...inFile(
      'edge-agent/src/app/guarded-clock.ts',
      [
        'return this.#agreed ? nowMs : Math.max(nowMs, Math.floor(this.#floorNowMs()));',
        'return this.#agreed ? nowMs : Math.floor(nowMs);',
      ],
      ['floorMs: this.#floorNowMs() - jumpMs,', 'floorMs: 0,'],
    ),
  ),
  mutant(
    'unagreed-clock-not-flagged',
    'A gate whose clock nobody confirms says nothing of it.',
    ...inFile(rules, [
      "const clockFlags: Flag[] = facts.clockAgreed ? [] : ['clock-unagreed'];",
      'const clockFlags: Flag[] = [];',
    ]),
  ),
];
