import { FoyerError } from '@foyer/contracts';
import { afterEach, expect, it } from 'vitest';
import { forgetOld, maxScansInFlight } from '../../domain/admission/index.ts';
import { codeOf, testStartMs, ticketIdOf, ticketRow } from './testing/house.ts';
import { openOneGate, type OneGate } from './testing/one-gate.ts';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function oneGate(nodes: readonly string[] = []): OneGate {
  const gate = openOneGate(nodes);
  closing.push(() => gate.close());
  return gate;
}

async function votingGate() {
  const gate = oneGate();
  await gate.clock.advanceAsync(1500);
  return gate;
}

it('ignores a text that is not ours: no event, no commit, but a count', async () => {
  const { scan, service, events, journal } = await votingGate();
  const before = journal.commits;
  expect(await scan('https://example.org')).toMatchObject({
    colour: 'ignored',
    reason: 'not-a-ticket',
  });
  expect(journal.commits).toBe(before);
  expect(events).toEqual([]);
  expect(service.counts()).toMatchObject({ ignored: 1, reds: 0 });
  await scan(codeOf(ticketIdOf(1)));
  expect(service.counts()).toMatchObject({ ignored: 1, greens: 1 });
});

it('tells of a refusal once, however often its scan is sent', async () => {
  const { scan, service, events, random } = await votingGate();
  const scanId = random.uuid();
  const forged = codeOf(ticketIdOf(1), { forged: true });
  const first = await scan(forged, { scanId });
  expect(first).toMatchObject({ colour: 'red', reason: 'forged' });
  expect(await scan(forged, { scanId })).toEqual(first);
  expect(events.map((event) => event.kind)).toEqual(['denial']);
  expect(service.counts()).toMatchObject({ reds: 1 });
});

it('looks at a ticket without admitting it', async () => {
  const { scan, events } = await votingGate();
  const text = codeOf(ticketIdOf(1));
  expect(await scan(text, { peek: true })).toMatchObject({ colour: 'green', reason: 'valid' });
  expect(events).toEqual([]);
  expect(await scan(text)).toMatchObject({ reason: 'admitted' });
  expect(await scan(text, { peek: true })).toMatchObject({ reason: 'already-admitted' });
});

it('names the data that it judged on, though a refund came while votes were awaited', async () => {
  const { scan, house, clock } = oneGate(['gate-2', 'gate-3']);
  const ticketId = ticketIdOf(1);
  house.tickets.set(ticketId, ticketRow(ticketId));
  const { seq } = house.cursor;
  const answer = scan(codeOf(ticketId));
  await clock.advanceAsync(20);
  house.tickets.set(ticketId, ticketRow(ticketId, { status: 'refunded' }));
  house.cursor = { seq: seq + 1, ageMs: 0 };
  await clock.advanceAsync(200);
  expect(await answer).toMatchObject({ colour: 'green', cursor: { seq } });
  expect(await scan(codeOf(ticketId))).toMatchObject({
    reason: 'refunded',
    cursor: { seq: seq + 1 },
  });
});

it('asks staff to check the age, and admits', async () => {
  const { scan, house, events } = await votingGate();
  const film = house.films.get('f');
  if (film !== undefined) house.films.set('f', { ...film, minAge: 16 });
  expect(await scan(codeOf(ticketIdOf(1)))).toMatchObject({
    colour: 'green',
    reason: 'check-age',
    message: 'Check age: 16 or over. Screen 5, on your left',
  });
  expect(events.map((event) => event.kind)).toEqual(['admission']);
});

it('commits an admission once, with its event and its verdict', async () => {
  const { scan, journal, house } = await votingGate();
  house.tickets.set(ticketIdOf(1), ticketRow(ticketIdOf(1)));
  const before = journal.commits;
  expect(await scan(codeOf(ticketIdOf(1)))).toMatchObject({ flags: [], seat: 'A1' });
  expect(journal.commits).toBe(before + 1);
});

it('shows no green while the disk is full, and admits when it is not any more', async () => {
  const { scan, fault, service } = await votingGate();
  fault.append = new FoyerError('disk-full', 'The disk is full.');
  await expect(scan(codeOf(ticketIdOf(1)))).rejects.toMatchObject({ code: 'disk-full' });
  expect(service.counts()).toMatchObject({ greens: 0, admitted: 0 });
  fault.append = null;
  expect(await scan(codeOf(ticketIdOf(1)))).toMatchObject({ colour: 'green' });
});

it('decides a scan once that was sent twice at the same time', async () => {
  const { scan, random, events } = await votingGate();
  const scanId = random.uuid();
  const text = codeOf(ticketIdOf(1));
  const [one, other] = await Promise.all([scan(text, { scanId }), scan(text, { scanId })]);
  expect(one).toEqual(other);
  expect(one).toMatchObject({ colour: 'green' });
  expect(events).toHaveLength(1);
});

it('shares one decision between two sendings of a scan that wait for votes', async () => {
  const { clock, scan, random, events } = oneGate(['gate-2', 'gate-3']);
  const scanId = random.uuid();
  const text = codeOf(ticketIdOf(1));
  const both = Promise.all([scan(text, { scanId }), scan(text, { scanId })]);
  await clock.advanceAsync(160);
  const [one, other] = await both;
  expect(one).toEqual(other);
  expect(one).toMatchObject({ colour: 'green', flags: ['unknown-ticket', 'degraded'] });
  expect(events).toHaveLength(1);
});

it('refuses scans beyond its bound and decides those before', async () => {
  const { clock, scan } = oneGate(['gate-2', 'gate-3']);
  const scans = Array.from({ length: maxScansInFlight }, (_, serial) =>
    scan(codeOf(ticketIdOf(serial))),
  );
  await expect(scan(codeOf(ticketIdOf(9999)))).rejects.toMatchObject({ code: 'queue-full' });
  await clock.advanceAsync(160);
  const verdicts = await Promise.all(scans);
  expect(verdicts.every((verdict) => verdict.colour === 'green')).toBe(true);
});

it('gives every vote back that it did not use', async () => {
  const { clock, scan, sent, house } = oneGate(['gate-2', 'gate-3']);
  const ticketId = ticketIdOf(1);
  house.tickets.set(ticketId, ticketRow(ticketId, { ticketClass: 'premium' }));
  const answer = scan(codeOf(ticketId));
  await clock.advanceAsync(160);
  expect((await answer).reason).toBe('strict-offline');
  const asked = sent.filter((message) => message.type === 'vote-ask');
  const released = sent.filter((message) => message.type === 'vote-release');
  expect(asked.length).toBeGreaterThan(0);
  expect(new Set(released.map((message) => message.type)).size).toBe(1);
  expect(released).toHaveLength(2);
});

it('refuses the scans under way when it closes', async () => {
  const { scan, service } = oneGate(['gate-2', 'gate-3']);
  const answer = scan(codeOf(ticketIdOf(1)));
  service.close();
  await expect(answer).rejects.toMatchObject({ code: 'queue-full' });
  service.close();
});

it('forgets what no scan can need, on an agreed clock only', async () => {
  const { scan, deps, clock, service, random } = await votingGate();
  const scanId = random.uuid();
  const first = await scan(codeOf(ticketIdOf(1)), { scanId });
  const { ledger } = deps;
  const right = first.right ?? { ticketId: '', n: 0 };
  clock.jumpWall(24 * 3_600_000);
  forgetOld(deps);
  expect(ledger.vote(right)).not.toBeNull();
  clock.jumpWall(3 * 24 * 3_600_000);
  forgetOld({ ...deps, clockAgreed: () => false });
  expect(ledger.vote(right)).not.toBeNull();
  forgetOld(deps);
  expect(ledger.vote(right)).toBeNull();
  expect(ledger.scan(scanId)).toBeNull();
  expect(ledger.admissionsOf(right.ticketId)).toHaveLength(1);
  clock.jumpWall(35 * 24 * 3_600_000);
  forgetOld(deps);
  expect(ledger.admissionsOf(right.ticketId)).toEqual([]);
  expect(service.counts().greens).toBe(1);
});

it('says not-found for a scan that it does not know', async () => {
  const { service, random, scan } = await votingGate();
  const scanId = random.uuid();
  expect(() => service.passage({ scanId, outcome: 'exit' })).toThrow(/knows no scan/);
  await scan(codeOf(ticketIdOf(1), { forged: true }), { scanId });
  expect(service.passage({ scanId, outcome: 'did-not-turn' }).right).toBeNull();
});

it('admits nobody by votes that arrive just after the news that the right is gone', async () => {
  const { clock, scan, sent, deps, service, events, random } = oneGate(['gate-2', 'gate-3']);
  const answer = scan(codeOf(ticketIdOf(1)));
  const asked = sent.filter((message) => message.type === 'vote-ask');
  const body = {
    kind: 'admission',
    right: { ticketId: ticketIdOf(1), n: 0 },
    showNo: 41,
    scanId: random.uuid(),
    gate: 'gate-3',
    atMs: testStartMs,
    flags: [],
    votes: [],
    configEpoch: 1,
  } as const;
  deps.ledger.transaction(() =>
    service.applyEvent(
      { node: 'gate-3' },
      { eventId: random.uuid(), seq: 1, body: { ...body, flags: [], votes: [] } },
    ),
  );
  for (const node of ['gate-2', 'gate-3']) {
    for (const { right, attempt } of asked) {
      service.onMessage(node, { type: 'vote', right, attempt, answer: { kind: 'granted' } });
    }
  }
  await clock.advanceAsync(160);
  expect(await answer).toMatchObject({
    colour: 'red',
    reason: 'already-admitted',
    admission: { gate: 'gate-3' },
  });
  expect(events.map((event) => event.kind)).toEqual(['denial']);
});

it('lets no node claim or release for another', async () => {
  const { service, sent, deps } = oneGate(['gate-2', 'gate-3']);
  const right = { ticketId: ticketIdOf(1), n: 0 };
  const attempt = { node: 'gate-3', boot: 1, n: 1 };
  deps.ledger.transaction(() => {
    deps.ledger.putVote({ right, showNo: 41, configEpoch: 1, attempt });
  });
  service.onMessage('gate-2', { type: 'vote-release', right, attempt });
  expect(deps.ledger.vote(right)).not.toBeNull();
  service.onMessage('gate-2', {
    type: 'vote-ask',
    right,
    attempt,
    showNo: 41,
    configEpoch: 1,
    witness: false,
  });
  expect(sent).toEqual([]);
  service.onMessage('gate-3', { type: 'vote-release', right, attempt });
  expect(deps.ledger.vote(right)).toBeNull();
});

it('gives back the votes of an attempt that is over, unless it admitted', async () => {
  const { clock, scan, sent, service, deps, house } = oneGate(['gate-2', 'gate-3']);
  const ask = (serial: number) => {
    const right = { ticketId: ticketIdOf(serial), n: 0 };
    const asked = sent.find(
      (message) => message.type === 'vote-ask' && message.right.ticketId === right.ticketId,
    );
    if (asked?.type !== 'vote-ask') throw new Error('No vote was asked for.');
    sent.length = 0;
    service.onMessage('gate-2', { type: 'attempt-ask', right, attempt: asked.attempt });
    const strange = { ...asked.attempt, boot: asked.attempt.boot + 1 };
    service.onMessage('gate-2', { type: 'attempt-ask', right, attempt: strange });
    return sent.map((message) => message.type);
  };
  house.tickets.set(ticketIdOf(2), ticketRow(ticketIdOf(2), { ticketClass: 'premium' }));
  const under = scan(codeOf(ticketIdOf(3)));
  expect(ask(3)).toEqual([]);
  const both = Promise.all([scan(codeOf(ticketIdOf(1))), scan(codeOf(ticketIdOf(2)))]);
  const asks = [...sent];
  await clock.advanceAsync(160);
  expect((await both).map((verdict) => verdict.colour)).toEqual(['green', 'amber']);
  await under;
  expect(deps.ledger.admissionsOf(ticketIdOf(1))).toHaveLength(1);
  sent.push(...asks);
  expect(ask(1)).toEqual([]);
  sent.push(...asks);
  expect(ask(2)).toEqual(['vote-release']);
});
