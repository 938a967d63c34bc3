import type { Attempt, MessageOf, NodeId } from '@foyer/contracts';
import { expect, it } from 'vitest';
import {
  advanceClaim,
  electorTimeoutMs,
  newClaim,
  noteAnswer,
  witnessTimeoutMs,
  type Answer,
  type Outcome,
} from './claim.ts';
import { electorate, type Electorate } from './electors.ts';

type VoteAnswer = MessageOf<'vote'>['answer'];
type Reply = VoteAnswer | 'silent' | 'unreachable';

const right = { ticketId: '0007000000000001', n: 0 };
const attempt: Attempt = { node: 'me', boot: 1, n: 1 };
const other: Attempt = { node: 'other', boot: 1, n: 1 };
const granted: VoteAnswer = { kind: 'granted' };
const held: VoteAnswer = { kind: 'held', holder: other };
const admitted: VoteAnswer = { kind: 'admitted', admission: { gate: 'other', atMs: 1 } };
const recovering: VoteAnswer = { kind: 'recovering' };
const replies: readonly Reply[] = [
  granted,
  held,
  admitted,
  recovering,
  { kind: 'wrong-epoch', configEpoch: 2 },
  'silent',
  'unreachable',
];

function votersOf(order: readonly NodeId[]): Electorate {
  const electors = order.slice(0, 3);
  return { configEpoch: 1, order, electors, quorum: electors.length === 1 ? 1 : 2 };
}

interface Run {
  outcome: Outcome;
  tookMs: number;
  asked: NodeId[];
}

/** Runs a claim whose nodes answer the same each time, `delayMs` after they were asked. */
function run(
  voters: Electorate,
  answers: ReadonlyMap<NodeId, Reply>,
  options: { own?: Answer; delayMs?: number } = {},
): Run {
  const claim = newClaim({
    self: 'me',
    right,
    attempt,
    electorate: voters,
    own: options.own ?? { kind: 'granted' },
    electorsUntilMs: electorTimeoutMs,
    nowMs: 0,
  });
  const reachable = new Set(voters.order.filter((node) => answers.get(node) !== 'unreachable'));
  reachable.delete('me');
  const asked: NodeId[] = [];
  let nowMs = 0;
  let arriving: { atMs: number; node: NodeId; answer: VoteAnswer }[] = [];
  for (let steps = 0; steps < 500; steps += 1) {
    for (const { node, answer } of arriving.filter((one) => one.atMs <= nowMs)) {
      noteAnswer(claim, node, answer);
    }
    arriving = arriving.filter((one) => one.atMs > nowMs);
    const step = advanceClaim(claim, { nowMs, reachable });
    if (step.kind === 'ended') return { outcome: step.outcome, tookMs: nowMs, asked };
    for (const { node } of step.ask) {
      asked.push(node);
      const answer = answers.get(node);
      if (answer === undefined || typeof answer === 'string') continue;
      arriving.push({ atMs: nowMs + (options.delayMs ?? 1), node, answer });
    }
    nowMs = Math.min(step.wakeAtMs, ...arriving.map((one) => one.atMs));
  }
  throw new Error('The claim never ends.');
}

function kindsOf(answers: readonly (Reply | undefined)[]): string[] {
  return answers.map((answer) => (typeof answer === 'object' ? answer.kind : 'none'));
}

it('ends rightly and in time for every combination of answers', () => {
  let cases = 0;
  for (const first of replies) {
    for (const second of replies) {
      for (const third of replies) {
        for (const fourth of replies) {
          for (const order of [
            ['a', 'b', 'c', 'd'],
            ['me', 'b', 'c', 'd'],
            ['a', 'b', 'me', 'd'],
            ['a', 'b', 'c', 'me'],
          ]) {
            const answers = new Map(
              order.map((node, place) => [
                node,
                node === 'me' ? granted : ([first, second, third, fourth][place] ?? 'silent'),
              ]),
            );
            check(run(votersOf(order), answers), order, answers);
            cases += 1;
          }
        }
      }
    }
  }
  expect(cases).toBe(7 ** 4 * 4);
});

function check({ outcome, tookMs }: Run, order: string[], answers: Map<string, Reply>): void {
  const said = kindsOf(order.slice(0, 3).map((node) => answers.get(node)));
  const count = (kind: string): number => said.filter((one) => one === kind).length;
  const given = order.map((node) => `${node}:${JSON.stringify(answers.get(node))}`);
  const what = `${outcome.kind} of ${given.join(' ')}`;
  if (tookMs > electorTimeoutMs + witnessTimeoutMs) throw new Error(`late: ${what}`);
  if (outcome.kind === 'won' && count('granted') < 2) throw new Error(`no quorum: ${what}`);
  if (outcome.kind === 'degraded' && (count('held') > 0 || count('admitted') > 0)) {
    throw new Error(`in spite of an objection: ${what}`);
  }
  if (outcome.kind === 'degraded' && count('granted') >= 2) throw new Error(`flagged: ${what}`);
  if (count('granted') >= 2 && outcome.kind === 'conflict') throw new Error(`wasted: ${what}`);
  if (outcome.kind === 'conflict' && !kindsOf([...answers.values()]).includes('held')) {
    throw new Error(`invented: ${what}`);
  }
}

it('asks no more electors than it needs while they answer at once', () => {
  const order = ['a', 'me', 'b', 'c', 'd'];
  const answers = new Map(order.map((node) => [node, granted] as const));
  expect(run(votersOf(order), answers)).toMatchObject({ asked: ['a'], tookMs: 1 });
});

it('asks the third elector when one of two is slow', () => {
  const answers = new Map<string, Reply>([
    ['a', 'silent'],
    ['b', granted],
    ['c', granted],
  ]);
  const { outcome, tookMs } = run(votersOf(['a', 'b', 'c']), answers);
  expect(outcome).toEqual({ kind: 'won', votes: ['b', 'c'] });
  expect(tookMs).toBeLessThan(20);
});

it('waits for nobody who is not reachable', () => {
  const alone = new Map<string, Reply>([
    ['a', 'unreachable'],
    ['b', 'unreachable'],
  ]);
  const { outcome, tookMs } = run(votersOf(['a', 'me', 'b']), alone);
  expect(outcome).toEqual({ kind: 'degraded', votes: ['me'], silent: ['a', 'b'] });
  expect(tookMs).toBe(0);
});

it('gives no degraded green while its own vote is another’s', () => {
  const order = ['a', 'b', 'c', 'me'];
  const answers = new Map(order.map((node) => [node, 'unreachable'] as const));
  const own = { kind: 'held', holder: other } as const;
  expect(run(votersOf(order), answers, { own }).outcome).toEqual({ kind: 'conflict' });
});

it('asks the next witness when the first does not answer', () => {
  const answers = new Map<string, Reply>([
    ['a', 'unreachable'],
    ['b', 'unreachable'],
    ['c', 'unreachable'],
    ['d', 'silent'],
    ['e', held],
  ]);
  const { outcome, asked, tookMs } = run(votersOf(['a', 'b', 'c', 'd', 'e', 'me']), answers);
  expect(asked).toEqual(['d', 'e']);
  expect(outcome).toEqual({ kind: 'conflict' });
  expect(tookMs).toBeLessThanOrEqual(witnessTimeoutMs);
});

it('wins nothing by answers that arrive when its attempt is long over', () => {
  const claim = newClaim({
    self: 'me',
    right,
    attempt,
    electorate: votersOf(['a', 'b', 'c']),
    own: granted,
    electorsUntilMs: electorTimeoutMs,
    nowMs: 0,
  });
  const reachable = new Set(['a', 'b', 'c']);
  advanceClaim(claim, { nowMs: 0, reachable });
  noteAnswer(claim, 'a', granted);
  noteAnswer(claim, 'b', granted);
  const step = advanceClaim(claim, { nowMs: 10_000, reachable });
  expect(step).toMatchObject({ kind: 'ended', outcome: { kind: 'degraded' } });
});

it('ranks every node of the epoch for each right, spread evenly and alike at every gate', () => {
  const nodes = Array.from({ length: 12 }, (_, index) => `gate-${index + 1}`);
  const first = new Map<string, number>();
  for (let serial = 0; serial < 1200; serial += 1) {
    const ticketId = `0007${serial.toString(16).padStart(12, '0')}`;
    const one = electorate({ ticketId, n: 0 }, { configEpoch: 1, admissionNodes: nodes });
    const shuffled = { configEpoch: 1, admissionNodes: nodes.toReversed() };
    expect(electorate({ ticketId, n: 0 }, shuffled)).toEqual(one);
    expect([...one.order].toSorted()).toEqual([...nodes].toSorted());
    const lead = one.electors[0] ?? '';
    first.set(lead, (first.get(lead) ?? 0) + 1);
  }
  for (const count of first.values()) expect(count).toBeGreaterThan(60);
  const of = (count: number): number =>
    electorate(right, { configEpoch: 1, admissionNodes: nodes.slice(0, count) }).quorum;
  expect([1, 2, 3, 12].map(of)).toEqual([1, 2, 2, 2]);
});
