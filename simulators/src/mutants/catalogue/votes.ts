import { inFile, mutant } from '../mutant.ts';

const admission = 'edge-agent/src/domain/admission';
const elector = `${admission}/elector.ts`;
const claim = `${admission}/claim.ts`;
const claimant = `${admission}/claimant.ts`;
const recovery = `${admission}/recovery.ts`;
const session = `${admission}/session.ts`;
const boot = 'edge-agent/src/adapters/ledger/boot.ts';

const putVote =
  'ledger.transaction(() => ledger.putVote({ right, showNo: ask.showNo, configEpoch, attempt }));';

/** Bugs of the claims: who may vote, for how long, and what a vote is worth. */
export const voteMutants = [
  mutant(
    'one-vote-is-enough',
    'A claim is won by one vote of three.',
    ...inFile(`${admission}/electors.ts`, ['quorum: electors.length === 1 ? 1 : 2,', 'quorum: 1,']),
  ),
  mutant(
    'vote-not-stored',
    'An elector answers a vote that it keeps nowhere.',
    ...inFile(elector, [putVote, 'void ask.showNo;']),
  ),
  mutant(
    'vote-written-behind',
    'A vote is answered at once and written some milliseconds later.',
    ...inFile(elector, [
      putVote,
      `const write = () => ledger.putVote({ right, showNo: ask.showNo, configEpoch, attempt });
    (this.#deps as never as { clock: { setTimer: (...args: unknown[]) => void } }).clock.setTimer(
      'vote-written', 5, () => ledger.transaction(write));`,
    ]),
  ),
  mutant(
    'amnesiac-elector',
    'A node forgets at its start what it voted before.',
    ...inFile(boot, [
      '    add.run(boot);',
      "    add.run(boot);\n    journal.prepare('DELETE FROM ledger_vote').run();",
    ]),
  ),
  mutant(
    'new-disk-votes-at-once',
    'A node with a new disk votes before it knows what its old disk had voted.',
    ...inFile(recovery, [
      'return this.#recovered.has(configEpoch);',
      'return this.#recovered.has(configEpoch) || configEpoch >= 0;',
    ]),
  ),
  mutant(
    'restored-disk-votes-on',
    'A node whose disk turns out to be restored goes on voting with what it remembers.',
    ...inFile('edge-agent/src/app/agent.ts', [
      '        this.#admission?.distrustDisk();\n        this.#signage.onRenumbered();',
      '        this.#signage.onRenumbered();',
    ]),
  ),
  mutant(
    'vote-expires',
    'A vote is given back when its holder was not heard of for a second.',
    ...inFile(elector, [
      putVote,
      `${putVote}
    const expire = () => {
      const kept = ledger.vote(right);
      if (kept !== null && sameAttempt(kept.attempt, attempt)) ledger.deleteVote(right);
    };
    (this.#deps as never as { clock: { setTimer: (...args: unknown[]) => void } }).clock.setTimer(
      'vote-expires', 1000, () => ledger.transaction(expire));`,
    ]),
  ),
  mutant(
    'vote-taken-from-the-unreachable',
    'A vote whose holder cannot be reached is given to the next who asks.',
    ...inFile(elector, [
      'if (vote !== null && !supersedes(attempt, vote.attempt)) {',
      `const lives = vote !== null && this.#deps.mesh.reachable().includes(vote.attempt.node);
    if (lives && vote !== null && !supersedes(attempt, vote.attempt)) {`,
    ]),
  ),
  mutant(
    'any-release-frees-a-vote',
    'A release is taken whoever it comes from and whichever attempt it names.',
    ...inFile(
      elector,
      ["    if (!this.#speaksForItself(from, attempt, 'vote-release')) return;\n", ''],
      [
        'if (vote === null || !sameAttempt(vote.attempt, attempt)) return;',
        'if (vote === null) return;',
      ],
    ),
  ),
  mutant(
    'own-vote-given-twice',
    'A gate counts its own vote for itself though it has given it to another.',
    ...inFile(elector, [
      'if (vote !== null && !this.#isOwn(vote.attempt)) {',
      'if (vote !== null && !this.#isOwn(vote.attempt) && configEpoch < 0) {',
    ]),
  ),
  mutant(
    'own-attempt-not-protected',
    'A gate that is claiming a right with its own vote gives that vote to another.',
    ...inFile(elector, ["if (own !== null) return { kind: 'held', holder: own };", 'void own;']),
  ),
  mutant(
    'any-later-ask-supersedes',
    "A second ask of the same node takes its vote along, also that of a copied disk's past.",
    ...inFile(`${admission}/attempts.ts`, [
      'return later.node === earlier.node && later.boot === earlier.boot && later.n > earlier.n;',
      'return later.node !== earlier.node || later.n > earlier.n;',
    ]),
  ),
  mutant(
    'start-not-counted',
    'A start goes on under the number of the one before.',
    ...inFile(
      boot,
      [
        'const boot = before + 1 + Math.floor(random.float() * bootStep);',
        'const boot = last.get()?.boot ?? before + Math.floor(random.float() * bootStep);',
      ],
      ['    add.run(boot);', '    if (boot !== before) add.run(boot);'],
    ),
  ),
  mutant(
    'attempt-not-counted',
    'Every attempt of a start has the same number.',
    ...inFile(claimant, ['    this.#attempts += 1;\n', '']),
  ),
  mutant(
    'late-votes-count',
    'A vote for an attempt that is over counts for the one that goes on.',
    ...inFile(claimant, [
      'if (running !== undefined && sameAttempt(running.claim.attempt, vote.attempt)) {',
      'if (running !== undefined) {',
    ]),
  ),
  mutant(
    'votes-never-given-back',
    'An attempt that lost keeps the votes that it won.',
    ...inFile(
      claimant,
      [
        '    for (const node of asked) {\n      this.#deps',
        '    for (const node of [...asked].slice(0, 0)) {\n      this.#deps',
      ],
      [
        "if (!admitted) mesh.send(elector, { type: 'vote-release', right, attempt });",
        'void [admitted, elector, mesh];',
      ],
    ),
  ),
  mutant(
    'winner-gives-its-votes-back',
    'A gate that admitted answers that its attempt is over, and frees its votes.',
    ...inFile(claimant, [
      "if (!admitted) mesh.send(elector, { type: 'vote-release', right, attempt });",
      "mesh.send(elector, { type: 'vote-release', right, attempt });",
    ]),
  ),
  mutant(
    'copy-speaks-for-its-original',
    'A node gives back votes of attempts that its disk knows nothing of.',
    ...inFile(claimant, [
      'if (attempt.node !== self.node || !this.#isOwn(attempt)) return;',
      'if (attempt.node !== self.node) return;',
    ]),
  ),
  mutant(
    'conflict-ignored-when-degraded',
    'A right that somebody else holds is admitted when the other electors are silent.',
    ...inFile(
      claim,
      [
        "if (objects || claim.own.kind === 'held') return ended({ kind: 'conflict' });",
        'void objects;',
      ],
      [
        'const conflict = electors.some((node) => isHeld(claim, node));',
        'const conflict = electors.every((node) => isHeld(claim, node));',
      ],
    ),
  ),
  mutant(
    'silence-counts-as-a-vote',
    'An elector that does not answer is taken for one that agrees.',
    ...inFile(claim, [
      'return claim.electorate.electors.filter((node) => ' +
        "claim.answers.get(node)?.kind === 'granted');",
      `const said = (node: NodeId) => claim.answers.get(node)?.kind;
  return claim.electorate.electors.filter(
    (node) => said(node) === 'granted' || (claim.asked.has(node) && said(node) === undefined),
  );`,
    ]),
  ),
  mutant(
    'electors-among-the-reachable',
    'The electors of a right are chosen among the gates that can be reached.',
    ...inFile(`${admission}/service.ts`, [
      'return epoch === null ? lonelyElectorate(configEpoch) : electorate(right, epoch);',
      `if (epoch === null) return lonelyElectorate(configEpoch);
    const near = new Set([...this.#deps.mesh.reachable(), this.#deps.self.node]);
    const admissionNodes = epoch.admissionNodes.filter((node) => near.has(node));
    return electorate(right, { ...epoch, admissionNodes });`,
    ]),
  ),
  mutant(
    'other-config-epoch-accepted',
    'An elector votes in a config epoch that is not the one it knows for the show.',
    ...inFile(elector, [
      'if (!ask.witness && known !== configEpoch) return',
      'if (!ask.witness && known < 0) return',
    ]),
  ),
  mutant(
    'degraded-without-a-flag',
    'A green that too few electors voted for looks like any other.',
    ...inFile(session, [
      "this.#admit(right, ['degraded'], outcome.votes, outcome.silent);",
      'this.#admit(right, [], outcome.votes, outcome.silent);',
    ]),
  ),
  mutant(
    'electors-have-a-second',
    'A scan waits a second for electors that do not answer.',
    ...inFile(claim, [
      'export const electorTimeoutMs = 100;',
      'export const electorTimeoutMs = 1000;',
    ]),
  ),
];
