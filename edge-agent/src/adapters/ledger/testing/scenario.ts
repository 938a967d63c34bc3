import { entriesOf, type NodeId, type TicketId, type Verdict } from '@foyer/contracts';
import { SimRandom } from '@foyer/platform/sim';
import { checkGreens, checkReports } from './checks.ts';
import { codeOf, ticketIdOf, ticketRow } from './house.ts';
import { TestTheatre } from './theatre.ts';

export interface ScenarioResult {
  violations: string[];
  greens: number;
  degraded: number;
  ambers: number;
  doubles: number;
}

const trouble = 3000;
const slackMs = 1;

/** Guests, faults and crashes of one seed; then everything mends, and the checks look at it. */
export async function runScenario(seed: number): Promise<ScenarioResult> {
  const random = new SimRandom(seed).fork('scenario');
  const theatre = new TestTheatre({ seed, gates: 1 + random.int(6) });
  try {
    const tickets = sellTickets(theatre, random);
    await theatre.open();
    const violations: string[] = [];
    scheduleFaults(theatre, random);
    scheduleScans(theatre, random, tickets, violations);
    await theatre.settle(trouble + 500);
    await mend(theatre);
    violations.push(...(await checkLiveness(theatre, tickets)));
    await theatre.settle(1000);
    violations.push(...checkGreens(theatre), ...checkReports(theatre));
    return { violations, ...totalsOf(theatre) };
  } finally {
    theatre.close();
  }
}

function sellTickets(theatre: TestTheatre, random: SimRandom): TicketId[] {
  return Array.from({ length: 4 + random.int(12) }, (_, serial) => {
    const ticketId = ticketIdOf(serial, random.chance(0.3) ? 1 + random.int(4) : 1);
    const ticketClass = random.chance(0.2) ? 'premium' : 'standard';
    theatre.house.tickets.set(ticketId, ticketRow(ticketId, { ticketClass }));
    return ticketId;
  });
}

function pickNode(theatre: TestTheatre, random: SimRandom) {
  return theatre.gate(1 + random.int(theatre.ids.length));
}

function scheduleFaults(theatre: TestTheatre, random: SimRandom): void {
  const { clock, bus, ids } = theatre;
  if (random.chance(0.4))
    bus.weather = { minDelayMs: 0.2, maxDelayMs: 30, loss: 0.05, duplication: 0.1 };
  const at = (name: string, fire: () => void): void => {
    clock.setTimer(name, random.float() * trouble, fire);
  };
  for (let fault = random.int(12); fault > 0; fault -= 1) {
    const node = pickNode(theatre, random);
    const kind = random.int(7);
    const cut = random.int(ids.length + 1);
    at('fault', () => {
      if (kind === 0) bus.partition(ids, [ids.slice(0, cut), ids.slice(cut)]);
      else if (kind === 1) bus.cutWay(node.id, pickNode(theatre, random).id);
      else if (kind === 2) bus.mend();
      else if (kind === 3) bus.slowMs.set(node.id, random.float() * 200);
      else if (kind === 4) node.crash();
      else if (!node.up) return;
      else if (kind === 5) node.journal.dieAfterWrites = random.int(20);
      else node.journal.dieAfterCommits = 1 + random.int(8);
    });
    at('start', () => {
      if (!node.up) node.start();
    });
  }
}

function scheduleScans(
  theatre: TestTheatre,
  random: SimRandom,
  tickets: readonly TicketId[],
  violations: string[],
): void {
  const { clock } = theatre;
  for (let round = 0; round < 25; round += 1) {
    const ticketId = tickets[random.int(tickets.length)] ?? '';
    const guests = 1 + random.int(4);
    const atMs = random.float() * trouble;
    for (let guest = 0; guest < guests; guest += 1) {
      const node = pickNode(theatre, random);
      const override = random.chance(0.05);
      clock.setTimer('guest', atMs + random.float() * 3, () => {
        const sinceMs = clock.monotonicMs();
        void node.scan({ text: codeOf(ticketId), override }).then((verdict) => {
          const tookMs = clock.monotonicMs() - sinceMs;
          if (tookMs > 150 + slackMs) violations.push(`G2: a scan took ${tookMs} ms`);
          if (verdict !== null && random.chance(0.1)) reverse(theatre, node.id, verdict);
        });
      });
    }
  }
}

function reverse(theatre: TestTheatre, gate: NodeId, verdict: Verdict): void {
  const node = theatre.nodes.find((candidate) => candidate.id === gate);
  if (verdict.colour !== 'green' || node?.up !== true) return;
  try {
    node.service.passage({ scanId: verdict.scanId, outcome: 'did-not-turn' });
  } catch {
    node.crash();
  }
}

async function mend(theatre: TestTheatre): Promise<void> {
  theatre.bus.mend();
  theatre.bus.slowMs.clear();
  theatre.bus.weather = { minDelayMs: 0.2, maxDelayMs: 2, loss: 0, duplication: 0 };
  for (const node of theatre.nodes) {
    node.journal.dieAfterWrites = null;
    node.journal.dieAfterCommits = null;
    if (!node.up) node.start();
  }
  await theatre.settle(1500);
}

/** A whole theatre decides every ticket plainly, at the second try at the latest. */
async function checkLiveness(
  theatre: TestTheatre,
  tickets: readonly TicketId[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const ticketId of tickets) {
    for (let entry = 0; entry < entriesOf(ticketId) + 1; entry += 1) {
      let last: Verdict | null | undefined = null;
      for (let attempt = 0; attempt < 2 && last?.colour !== 'green'; attempt += 1) {
        [last] = await theatre.all([theatre.gate(1).scan({ text: codeOf(ticketId) })]);
        await theatre.settle(20);
      }
      const plain = last?.colour === 'green' && last.flags.length === 0;
      if (!plain && last?.reason !== 'already-admitted') {
        wrong.push(`liveness: ${ticketId} stays ${last?.reason ?? 'undecided'}`);
      }
    }
  }
  return wrong;
}

function totalsOf(theatre: TestTheatre): Omit<ScenarioResult, 'violations'> {
  const verdicts = theatre.shown.map((shown) => shown.verdict);
  const greens = verdicts.filter((verdict) => verdict.colour === 'green');
  return {
    greens: greens.length,
    degraded: greens.filter((verdict) => verdict.flags.includes('degraded')).length,
    ambers: verdicts.filter((verdict) => verdict.colour === 'amber').length,
    doubles: theatre.gate(1).service.counts().doublesKnown,
  };
}
