import type { Verdict } from '@foyer/contracts';
import { afterEach, expect, it } from 'vitest';
import { checkGreens, checkReports } from './testing/checks.ts';
import { codeOf, ticketIdOf, ticketRow } from './testing/house.ts';
import { TestTheatre } from './testing/theatre.ts';

let theatre: TestTheatre;

afterEach(() => {
  theatre.close();
});

async function open(gates: number, seed = 1): Promise<void> {
  theatre = new TestTheatre({ gates, seed });
  for (let serial = 1; serial <= 9; serial += 1) {
    for (const entries of [1, 4]) {
      const ticketId = ticketIdOf(serial, entries);
      const ticketClass = serial === 9 ? 'premium' : 'standard';
      theatre.house.tickets.set(ticketId, ticketRow(ticketId, { ticketClass }));
    }
  }
  await theatre.open();
}

/** The same ticket at these gates in the same instant. */
function scanAt(gates: readonly number[], ticketId: string): Promise<(Verdict | null)[]> {
  return theatre.all(gates.map((gate) => theatre.gate(gate).scan({ text: codeOf(ticketId) })));
}

const reasons = (verdicts: readonly (Verdict | null)[]): (string | undefined)[] =>
  verdicts.map((verdict) => verdict?.reason);
const greens = (verdicts: readonly (Verdict | null)[]): number =>
  verdicts.filter((verdict) => verdict?.colour === 'green').length;

it('decides alone where there is one gate', async () => {
  await open(1);
  const [first] = await scanAt([1], ticketIdOf(1));
  expect(first).toMatchObject({ colour: 'green', reason: 'admitted', flags: [] });
  const [second] = await scanAt([1], ticketIdOf(1));
  expect(second).toMatchObject({ colour: 'red', reason: 'already-admitted' });
});

it('admits with two of three votes, and every other gate knows of it', async () => {
  await open(4);
  const [green] = await scanAt([2], ticketIdOf(1));
  expect(green).toMatchObject({ colour: 'green', reason: 'admitted', flags: [] });
  const admission = theatre.gate(2).events('ledger')[0]?.body;
  expect(admission).toMatchObject({ votes: [expect.any(String), expect.any(String)] });
  await theatre.settle(50);
  for (const gate of [1, 2, 3, 4]) {
    const [again] = await scanAt([gate], ticketIdOf(1));
    expect(again).toMatchObject({
      colour: 'red',
      reason: 'already-admitted',
      message: 'Admitted at Gate 2, 13:00',
    });
  }
});

it.each([2, 3, 4, 6])(
  'shows one green, unflagged, when %i gates scan a ticket in the same instant',
  async (gates) => {
    for (let seed = 1; seed <= 6; seed += 1) {
      await open(gates, seed);
      const all = Array.from({ length: gates }, (_, index) => index + 1);
      for (let serial = 1; serial <= 8; serial += 1) {
        const verdicts = await scanAt(all, ticketIdOf(serial));
        expect(greens(verdicts), `seed ${seed}`).toBe(1);
        expect(reasons(verdicts), `seed ${seed}`).not.toContain('admitted-degraded');
      }
      await theatre.settle(300);
      expect(checkGreens(theatre)).toEqual([]);
      theatre.close();
    }
  },
);

it('lets a family in once for each entry, whichever gates it spreads over', async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    await open(3, seed);
    const family = ticketIdOf(1, 4);
    const first = await scanAt([1, 2, 3], family);
    expect(greens(first), `seed ${seed}`).toBe(3);
    expect(new Set(first.map((verdict) => verdict?.right?.n)).size).toBe(3);
    await theatre.settle(50);
    expect(greens(await scanAt([1, 2, 3], family)), `seed ${seed}`).toBe(1);
    theatre.close();
  }
});

it('decides a second scan of a ticket at the same gate after the first', async () => {
  await open(3);
  expect(reasons(await scanAt([2, 2, 2], ticketIdOf(1)))).toEqual([
    'admitted',
    'already-admitted',
    'already-admitted',
  ]);
});

it('opens the next right when the turnstile did not turn or the guest went out', async () => {
  await open(3);
  for (const outcome of ['did-not-turn', 'exit'] as const) {
    const [green] = await scanAt([1], ticketIdOf(1));
    expect(green?.reason).toBe('admitted');
    await theatre.settle(20);
    const gate = outcome === 'exit' ? theatre.gate(3) : theatre.gate(1);
    const passage = { scanId: green?.scanId ?? '', outcome };
    const reversal = gate.service.passage(passage);
    expect(reversal.right).toEqual(green?.right);
    expect(gate.service.passage(passage)).toEqual(reversal);
    await theatre.settle(20);
  }
  const again = await scanAt([1, 2, 3], ticketIdOf(1));
  expect(greens(again)).toBe(1);
  expect(again.find((verdict) => verdict?.colour === 'green')?.right?.n).toBe(2);
  await theatre.settle(100);
  expect(theatre.gate(2).service.counts()).toMatchObject({ admitted: 1, doublesKnown: 0 });
});

it('undoes an admission at the gate that made it only', async () => {
  await open(3);
  const [green] = await scanAt([1], ticketIdOf(1));
  await theatre.settle(20);
  const undo = { scanId: green?.scanId ?? '', reason: 'wrong guest' };
  expect(() => theatre.gate(2).service.annul(undo)).toThrow(/admitted nobody/);
  expect(theatre.gate(1).service.annul(undo).right).toEqual(green?.right);
  expect(theatre.gate(1).service.annul(undo).right).toEqual(green?.right);
  expect(
    theatre
      .gate(1)
      .events('ledger')
      .map((event) => event.body.kind),
  ).toEqual(['admission', 'reversal']);
});

it('waits for no gate that is known to be dead', async () => {
  await open(4);
  theatre.gate(4).crash();
  await theatre.settle(500);
  const sinceMs = theatre.clock.monotonicMs();
  for (let serial = 1; serial <= 8; serial += 1) {
    const verdicts = await scanAt([1], ticketIdOf(serial));
    expect(reasons(verdicts)).toEqual(['admitted']);
  }
  expect(theatre.clock.monotonicMs() - sinceMs).toBeLessThan(8 * 6);
});

it('keeps its votes apart while a gate has just died', async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    await open(4, seed);
    theatre.gate(1 + (seed % 4)).crash();
    const alive = [1, 2, 3, 4].filter((gate) => gate !== 1 + (seed % 4));
    const verdicts = await scanAt(alive, ticketIdOf(1));
    expect(greens(verdicts), `seed ${seed}`).toBe(1);
    expect(reasons(verdicts), `seed ${seed}`).not.toContain('admitted-degraded');
    theatre.close();
  }
});

it('flags the green of a gate that is cut off, and names who was silent', async () => {
  await open(2);
  theatre.bus.partition(theatre.ids, []);
  const [green] = await scanAt([1], ticketIdOf(1));
  expect(green).toMatchObject({
    colour: 'green',
    reason: 'admitted-degraded',
    flags: ['degraded'],
    peers: [{ node: 'gate-2' }],
  });
});

it('sends a guest of a strict class on, and lets a steward admit with a flag', async () => {
  await open(3);
  theatre.bus.partition(theatre.ids, []);
  const request = { text: codeOf(ticketIdOf(9)), scanId: theatre.random.uuid() };
  const [amber] = await theatre.all([theatre.gate(1).scan(request)]);
  expect(amber).toMatchObject({ colour: 'amber', reason: 'strict-offline' });
  const [again] = await theatre.all([theatre.gate(1).scan(request)]);
  expect(again).toEqual(amber);
  const [green] = await theatre.all([theatre.gate(1).scan({ ...request, override: true })]);
  expect(green).toMatchObject({ colour: 'green', flags: ['degraded', 'override'] });
});

it('shows at most as many greens as there are groups without a link between them', async () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    await open(6, seed);
    const cut = 1 + (seed % 5);
    const groups = [theatre.ids.slice(0, cut), theatre.ids.slice(cut)];
    theatre.bus.partition(theatre.ids, groups);
    if (seed % 2 === 0) await theatre.settle(500);
    for (let serial = 1; serial <= 4; serial += 1) {
      const verdicts = await scanAt([1, 2, 3, 4, 5, 6], ticketIdOf(serial));
      expect(greens(verdicts), `seed ${seed}`).toBeLessThanOrEqual(2);
      expect(greens(verdicts), `seed ${seed}`).toBeGreaterThanOrEqual(1);
    }
    theatre.bus.mend();
    await theatre.settle(1000);
    expect([...checkGreens(theatre), ...checkReports(theatre)], `seed ${seed}`).toEqual([]);
    theatre.close();
  }
});

it('shows amber while another attempt holds the votes, red once it is admitted', async () => {
  await open(3);
  // Gate 1 wins, and its news reaches nobody.
  for (const gate of ['gate-2', 'gate-3']) theatre.bus.cutWay('gate-1', gate);
  const [unheard] = await scanAt([1], ticketIdOf(1));
  expect(unheard?.colour).toBe('green');
  theatre.bus.mend();
  const winner = theatre.gate(1);
  const text = codeOf(ticketIdOf(2));
  for (const gate of ['gate-2', 'gate-3']) theatre.bus.cutWay(gate, 'gate-1');
  const lost = theatre.gate(1).scan({ text });
  await theatre.settle(20);
  winner.crash();
  await lost;
  const held = await scanAt([2], ticketIdOf(2));
  expect(greens(held) === 0 || reasons(held)[0] === 'admitted').toBe(true);
  expect(reasons(held)).not.toContain('admitted-degraded');
  winner.start();
  theatre.bus.mend();
  await theatre.settle(500);
  expect(reasons(await scanAt([2], ticketIdOf(1)))).toEqual(['already-admitted']);
});

it('ends a claim in red when the other admission arrives while it is under way', async () => {
  await open(3);
  theatre.bus.partition(theatre.ids, [['gate-1'], ['gate-2', 'gate-3']]);
  const [first] = await scanAt([2], ticketIdOf(1));
  expect(first?.colour).toBe('green');
  await theatre.settle(20);
  // Gate 1 hears of it, and nothing else, while it waits for votes.
  const claim = theatre.gate(1).scan({ text: codeOf(ticketIdOf(1)) });
  const [event] = theatre.gate(2).events('ledger');
  if (event !== undefined) theatre.gate(1).hear(event);
  const [verdict] = await theatre.all([claim]);
  expect(verdict).toMatchObject({ colour: 'red', reason: 'already-admitted' });
  theatre.bus.mend();
  await theatre.settle(500);
  expect([...checkGreens(theatre), ...checkReports(theatre)]).toEqual([]);
});

it('reports a right that was admitted twice once, from whoever is left', async () => {
  await open(4);
  theatre.bus.partition(theatre.ids, [['gate-1'], ['gate-2'], ['gate-3', 'gate-4']]);
  await theatre.settle(500);
  await scanAt([1, 2], ticketIdOf(1));
  theatre.bus.mend();
  await theatre.settle(300);
  theatre.gate(1).crash();
  theatre.gate(2).crash();
  const reports = () =>
    theatre
      .gate(3)
      .events('telemetry')
      .filter((event) => event.body.kind === 'double-report');
  const before = reports();
  expect(before).toHaveLength(1);
  expect(before[0]?.body).toMatchObject({
    right: { ticketId: ticketIdOf(1), n: 0 },
    admissions: [{ flags: ['degraded'] }, { flags: ['degraded'] }],
  });
  theatre.gate(1).start();
  theatre.gate(2).start();
  await theatre.settle(2000);
  expect(reports()).toEqual(before);
  expect(theatre.gate(3).service.counts().doublesKnown).toBe(1);
});
