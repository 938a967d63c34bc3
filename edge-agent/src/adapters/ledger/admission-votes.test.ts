import { expect, it } from 'vitest';
import type { AdmissionMessage } from '../../domain/admission/ports.ts';
import { openOneGate } from './testing/one-gate.ts';
import { codeOf, testStartMs, ticketIdOf } from './testing/house.ts';

const right = { ticketId: ticketIdOf(1), n: 0 };

function asksOf(sent: readonly AdmissionMessage[]) {
  return sent.filter((message) => message.type === 'vote-ask');
}

it('keeps the votes of an admission and counts no answer to another attempt', async () => {
  const gate = openOneGate(['gate-2', 'gate-3']);
  try {
    const answer = gate.scan(codeOf(right.ticketId));
    const [ask] = asksOf(gate.sent);
    if (ask === undefined) throw new Error('No vote was asked for.');
    const vote = { type: 'vote', right, answer: { kind: 'granted' } } as const;
    const older = { ...ask.attempt, n: ask.attempt.n - 1 };
    for (const node of ['gate-2', 'gate-3']) {
      gate.service.onMessage(node, { ...vote, attempt: older });
    }
    expect(gate.events).toEqual([]);
    gate.service.onMessage('gate-4', { ...vote, attempt: ask.attempt });
    gate.service.onMessage('gate-2', { ...vote, attempt: ask.attempt });
    expect(gate.events).toEqual([]);
    gate.service.onMessage('gate-3', { ...vote, attempt: ask.attempt });
    expect(await answer).toMatchObject({ colour: 'green', reason: 'admitted' });
    await gate.clock.advanceAsync(500);
    expect(gate.sent.filter((message) => message.type === 'vote-release')).toEqual([]);
  } finally {
    gate.close();
  }
});

it('lets a holder release the attempt that it names, and no other', () => {
  const gate = openOneGate(['gate-2', 'gate-3']);
  try {
    const { ledger } = gate.deps;
    const attempt = { node: 'gate-3', boot: 7, n: 2 };
    ledger.transaction(() => ledger.putVote({ right, showNo: 41, configEpoch: 1, attempt }));
    for (const other of [
      { ...attempt, n: 1 },
      { ...attempt, boot: 6 },
    ]) {
      gate.service.onMessage('gate-3', { type: 'vote-release', right, attempt: other });
      expect(ledger.vote(right)?.attempt).toEqual(attempt);
    }
    gate.service.onMessage('gate-3', { type: 'vote-release', right, attempt });
    expect(ledger.vote(right)).toBeNull();
  } finally {
    gate.close();
  }
});

it('invents no double from an admission that arrives again, under its number or another', () => {
  const gate = openOneGate(['gate-2', 'gate-3']);
  try {
    const { service, random, deps } = gate;
    const admission = (from: string, scanId: string) => ({
      kind: 'admission' as const,
      right,
      showNo: 41,
      scanId,
      gate: from,
      atMs: testStartMs,
      flags: [],
      votes: [],
      configEpoch: 1,
    });
    const body = admission('gate-2', random.uuid());
    const eventId = random.uuid();
    const apply = (id: string, what: typeof body): void =>
      deps.ledger.transaction(() =>
        service.applyEvent({ node: what.gate }, { eventId: id, seq: 1, body: what }),
      );
    apply(eventId, body);
    apply(eventId, body);
    // A node whose file was set aside sends what it saved under new numbers.
    apply(random.uuid(), body);
    expect(service.counts()).toMatchObject({ admitted: 1, doublesKnown: 0 });
    expect(gate.events).toEqual([]);
    apply(random.uuid(), admission('gate-3', random.uuid()));
    expect(service.counts()).toMatchObject({ admitted: 2, doublesKnown: 1 });
    expect(gate.events.map((event) => event.kind)).toEqual(['double-report']);
  } finally {
    gate.close();
  }
});

it('gives no vote back when an error hides whether the admission was committed', async () => {
  const gate = openOneGate(['gate-2', 'gate-3']);
  try {
    const { ledger } = gate.deps;
    const commit = ledger.transaction.bind(ledger);
    const answer = gate.scan(codeOf(right.ticketId));
    const [ask] = asksOf(gate.sent);
    if (ask === undefined) throw new Error('No vote was asked for.');
    ledger.transaction = (work) => {
      commit(work);
      throw new Error('The checkpoint after the commit failed.');
    };
    const grant = { type: 'vote', right, answer: { kind: 'granted' } } as const;
    for (const node of ['gate-2', 'gate-3']) {
      gate.service.onMessage(node, { ...grant, attempt: ask.attempt });
    }
    await expect(answer).rejects.toThrow('checkpoint');
    ledger.transaction = commit;
    gate.service.onMessage('gate-2', { type: 'attempt-ask', right, attempt: ask.attempt });
    expect(gate.sent.filter((message) => message.type === 'vote-release')).toEqual([]);
    expect((await gate.scan(codeOf(right.ticketId))).reason).toBe('already-admitted');
  } finally {
    gate.close();
  }
});

it('counts votes that nobody asked for, and messages that speak for another node', async () => {
  const gate = openOneGate(['gate-2', 'gate-3']);
  try {
    const { service, sent, refused } = gate;
    const answer = gate.scan(codeOf(right.ticketId));
    const [ask] = asksOf(sent);
    if (ask === undefined) throw new Error('No vote was asked for.');
    const { attempt } = ask;
    const others = { node: 'gate-2', boot: 3, n: 4 };
    const granted = { type: 'vote', right, answer: { kind: 'granted' } } as const;
    const before = sent.length;
    service.onMessage('gate-9', { ...granted, attempt });
    service.onMessage('gate-3', { ...granted, attempt: others });
    const claim = { right, showNo: 41, configEpoch: 1, witness: false } as const;
    service.onMessage('gate-9', { type: 'vote-ask', ...claim, attempt: others });
    service.onMessage('gate-9', { type: 'vote-release', right, attempt: others });
    service.onMessage('gate-9', { type: 'attempt-ask', right, attempt: others });
    service.onMessage('gate-9', { type: 'recover', after: '', nextAfter: null, votes: [] });
    expect(refused).toEqual([
      'gate-9 vote not-asked',
      'gate-3 vote foreign-identity',
      'gate-9 vote-ask foreign-identity',
      'gate-9 vote-release foreign-identity',
      'gate-9 attempt-ask foreign-identity',
      'gate-9 recover not-asked',
    ]);
    expect(sent.length).toBe(before);
    expect(gate.events).toEqual([]);
    await gate.clock.advanceAsync(500);
    await answer;
  } finally {
    gate.close();
  }
});
