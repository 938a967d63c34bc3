import { parseTicketCode, rotatingSkewSteps, rotatingStepMs, type FeedRow } from '@foyer/contracts';
import { expect, it } from 'vitest';
import {
  codeOf,
  newHouse,
  showNo,
  stepCodeTest,
  testStartMs,
  theatreNo,
  ticketIdOf,
  ticketRow,
  verifyTest,
  viewOf,
} from '../../adapters/ledger/testing/house.ts';
import { gatherFacts } from './facts.ts';
import { judge, type Facts, type Judgement } from './rules.ts';

const minuteMs = 60_000;
const ticketId = ticketIdOf(1);

const house = newHouse(['gate-1']);

function facts(change: Partial<Facts> = {}): Facts {
  return {
    parsed: parseTicketCode(codeOf(ticketId)),
    theatreNo,
    theatre: house.theatre,
    key: house.keys.get(1) ?? null,
    signatureOk: true,
    step: 'absent',
    ticket: ticketRow(ticketId),
    show: house.shows.get(showNo) ?? null,
    film: house.films.get('f') ?? null,
    auditorium: house.auditoriums.get('5') ?? null,
    gateAuditoriums: [],
    nowMs: testStartMs,
    cursorAgeMs: 0,
    clockAgreed: true,
    ...change,
  };
}

function said(judgement: Judgement): string {
  if (judgement.kind === 'pass') return `pass ${judgement.flags.join(' ')}`.trim();
  return `${judgement.colour} ${judgement.reason} ${judgement.flags.join(' ')}`.trim();
}

function show(change: Partial<FeedRow<'show'>>): FeedRow<'show'> {
  const row = facts().show;
  if (row === null) throw new Error('The house has no show.');
  return { ...row, ...change };
}

it('passes a valid ticket at the right time and says where to go', () => {
  expect(judge(facts())).toMatchObject({
    kind: 'pass',
    message: 'Screen 5, on your left',
    mode: 'open',
    minAge: 0,
    seat: 'A1',
    flags: [],
  });
});

it.each<[string, Partial<Facts>]>([
  ['ignored not-a-ticket', { parsed: parseTicketCode('https://example.org') }],
  ['red forged', { parsed: parseTicketCode('F1:ABC') }],
  ['red forged', { signatureOk: false }],
  ['red forged', { key: null }],
  ['amber stale-data stale-data', { key: null, cursorAgeMs: null }],
  ['red revoked', { key: { keyId: 1, publicKey: '', status: 'revoked' } }],
  ['red forged', { key: { keyId: 1, publicKey: '', status: 'revoked' }, signatureOk: false }],
  ['pass', { key: { keyId: 1, publicKey: '', status: 'retired' } }],
  ['red wrong-theatre', { theatreNo: 8 }],
  ['red cancelled', { ticket: ticketRow(ticketId, { status: 'cancelled' }) }],
  ['red refunded', { ticket: ticketRow(ticketId, { status: 'refunded' }) }],
  ['red unpaid', { ticket: ticketRow(ticketId, { status: 'unpaid' }) }],
  ['red blocked', { ticket: ticketRow(ticketId, { status: 'blocked' }) }],
  ['pass unknown-ticket', { ticket: null }],
  ['red unknown-show', { show: null }],
  ['amber stale-data stale-data', { show: null, cursorAgeMs: 61 * minuteMs }],
  ['amber stale-data stale-data', { theatre: null }],
  ['red cancelled', { show: show({ status: 'cancelled' }) }],
  ['red wrong-auditorium', { gateAuditoriums: ['1', '2'] }],
  ['pass', { gateAuditoriums: ['1', '5'] }],
  ['red too-early', { nowMs: testStartMs - 31 * minuteMs }],
  ['pass', { nowMs: testStartMs - 30 * minuteMs }],
  ['pass', { nowMs: testStartMs + 60 * minuteMs }],
  ['red too-late', { nowMs: testStartMs + 60 * minuteMs + 1 }],
  ['red too-early', { show: show({ delayMin: 31 }) }],
  ['pass', { show: show({ delayMin: 10 }), nowMs: testStartMs + 70 * minuteMs }],
  ['pass stale-data', { cursorAgeMs: 61 * minuteMs }],
  ['pass stale-data', { cursorAgeMs: null }],
  ['pass clock-unagreed', { clockAgreed: false }],
  ['red too-early clock-unagreed', { clockAgreed: false, nowMs: 0 }],
])('says %s (%j)', (expected, change) => {
  expect(said(judge(facts(change)))).toBe(expected);
});

it('answers one verdict of the closed list for every combination of its inputs', () => {
  const parsed = [codeOf(ticketId), codeOf(ticketId, { kind: 'rotating' }), 'other', 'F1:'];
  const statuses = ['valid', 'cancelled', 'refunded', 'unpaid', 'blocked', null] as const;
  const keys = ['active', 'retired', 'revoked', null] as const;
  let cases = 0;
  for (const text of parsed) {
    for (const status of statuses) {
      for (const keyStatus of keys) {
        for (const signatureOk of [true, false]) {
          for (const step of ['absent', 'right', 'wrong', 'no-key'] as const) {
            for (const bits of Array.from({ length: 64 }, (_, index) => index)) {
              const given = facts({
                parsed: parseTicketCode(text),
                ticket: status === null ? null : ticketRow(ticketId, { status }),
                key: keyStatus && { keyId: 1, publicKey: '', status: keyStatus },
                signatureOk: signatureOk && keyStatus !== null,
                step,
                ...((bits & 1) > 0 && { clockAgreed: false }),
                ...((bits & 2) > 0 && { cursorAgeMs: null }),
                ...((bits & 4) > 0 && { show: show({ status: 'cancelled' }) }),
                ...((bits & 8) > 0 && { nowMs: testStartMs - 90 * minuteMs }),
                ...((bits & 16) > 0 && { gateAuditoriums: ['9'] }),
                ...((bits & 32) > 0 && { theatreNo: 8 }),
              });
              checkSound(given, judge(given));
              cases += 1;
            }
          }
        }
      }
    }
  }
  expect(cases).toBe(4 * 6 * 4 * 2 * 4 * 64);
});

/** What must hold of any verdict: a pass has no objection, a refusal names a true one. */
function checkSound(given: Facts, judgement: Judgement): void {
  const ours = given.parsed.outcome === 'code';
  if (judgement.kind === 'pass') {
    const rotating = given.parsed.outcome === 'code' && given.parsed.code.kind === 'rotating';
    const sound =
      ours &&
      given.signatureOk &&
      given.key?.status !== 'revoked' &&
      (given.ticket?.status ?? 'valid') === 'valid' &&
      given.show?.status === 'scheduled' &&
      given.theatreNo === theatreNo &&
      given.gateAuditoriums.length === 0 &&
      given.nowMs === testStartMs &&
      (!rotating || given.step === 'right');
    if (!sound) throw new Error(`Passed in spite of ${JSON.stringify(given)}`);
    if (!given.clockAgreed !== judgement.flags.includes('clock-unagreed')) throw new Error('clock');
    if ((given.cursorAgeMs === null) !== judgement.flags.includes('stale-data')) {
      throw new Error('stale');
    }
    return;
  }
  if ((judgement.colour === 'ignored') !== (given.parsed.outcome === 'not-ours')) {
    throw new Error('Only text that is not ours is ignored.');
  }
  if (judgement.colour === 'green') throw new Error('The rules never refuse in green.');
  if (!given.signatureOk && judgement.ticketId !== undefined) {
    throw new Error('An unsigned code was believed.');
  }
}

it('tells the time in the theatre’s zone, with the day when it is another', () => {
  const early = judge(facts({ nowMs: testStartMs - 40 * minuteMs }));
  expect(early).toMatchObject({ message: 'Doors open at 12:30' });
  const yesterday = judge(facts({ nowMs: testStartMs + 24 * 60 * minuteMs }));
  expect(yesterday).toMatchObject({ message: 'This show began at 13:30 on 1 January' });
  expect(judge(facts({ gateAuditoriums: ['1'] }))).toMatchObject({
    message: 'Screen 5, on your left',
  });
});

it('takes the policy of the ticket’s class, and the default for one it does not know', () => {
  const premium = ticketRow(ticketId, { ticketClass: 'premium' });
  expect(judge(facts({ ticket: premium }))).toMatchObject({ mode: 'strict' });
  const odd = ticketRow(ticketId, { ticketClass: 'constructor' });
  expect(judge(facts({ ticket: odd }))).toMatchObject({ mode: 'open' });
  const { theatre } = facts();
  const strict = theatre && { ...theatre, classes: { default: { mode: 'strict' as const } } };
  expect(judge(facts({ ticket: null, theatre: strict }))).toMatchObject({ mode: 'strict' });
});

function lookUp(text: string, nowMs: number, seen = house): Judgement {
  const deps = {
    self: { node: 'gate-1', boot: 1, theatreNo },
    replica: viewOf(() => seen),
    verifySignature: verifyTest,
    stepCode: stepCodeTest,
    clockAgreed: () => true,
  };
  return judge(gatherFacts(deps, text, nowMs));
}

it('accepts a rotating code within the published skew and refuses it beyond', () => {
  const nowStep = Math.floor(testStartMs / rotatingStepMs);
  for (let skew = -3; skew <= 3; skew += 1) {
    const text = codeOf(ticketId, { kind: 'rotating', step: nowStep + skew });
    const expected =
      Math.abs(skew) <= rotatingSkewSteps ? 'pass unknown-ticket' : 'red expired-code';
    expect(said(lookUp(text, testStartMs)), `skew ${skew}`).toBe(expected);
  }
});

it('lets a screenshot die within a minute', () => {
  const nowStep = Math.floor(testStartMs / rotatingStepMs);
  const text = codeOf(ticketId, { kind: 'rotating', step: nowStep });
  expect(said(lookUp(text, testStartMs + minuteMs))).toBe('red expired-code');
  expect(said(lookUp(codeOf(ticketId, { kind: 'rotating' }), testStartMs))).toBe(
    'red expired-code',
  );
});

it('follows the row of a ticket that was moved to another show, not its code', () => {
  const moved = newHouse(['gate-1']);
  moved.shows.set(42, show({ showNo: 42, status: 'cancelled' }));
  moved.tickets.set(ticketId, ticketRow(ticketId, { showNo: 42 }));
  const judgement = lookUp(codeOf(ticketId), testStartMs, moved);
  expect(judgement).toMatchObject({ reason: 'cancelled', showNo: 42 });
});
