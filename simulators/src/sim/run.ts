import { atTopLevel, SimCrash, SimRandom, type BrokerManners } from '@foyer/platform/sim';

import { checkAll, unfinished } from '../checkers/index.ts';
import type { NodeEnd, RunEvidence, Violation } from '../checkers/evidence.ts';
import { sellAsPlanned } from './box-office.ts';
import { fixtureOf, gateIds, newDisk, openingMs, type SimTicket } from './fixture.ts';
import { holdUp, scanAsPlanned } from './guests.ts';
import { readCloud, readNode, ticketIdsInCloud } from './read.ts';
import { Run } from './run-state.ts';
import { makeScenario } from './pauses.ts';
import type { Scenario } from './scenario.ts';
import { stamp, type Trace } from './trace.ts';
import { ioTCoreManners, mosquittoManners, SimWorld } from './world.ts';

/** What a seed amounted to. */
export interface SeedResult {
  readonly seed: number;
  readonly gates: number;
  /** Kinds of fault, in the order of their numbers. */
  readonly faults: readonly string[];
  readonly violations: readonly Violation[];
  readonly scans: number;
  readonly greens: number;
  /** Sum over entry rights of (greens - 1). */
  readonly doubles: number;
  readonly virtualMs: number;
}

export interface RunOptions {
  /** Gets the trace line by line. */
  onLine?: (line: string) => void;
}

const limits = {
  staleAfterMs: 30 * 60_000,
  verdictMs: 150,
  reportMs: 5000,
  // A restored cloud is found out when it is asked again: after 60 s at the latest.
  convergeMs: 120_000,
  queues: { relay: 5000, deadLetters: 1000 },
  strictClasses: ['premium'],
};
/** Guests come when the theatre stands. */
const openedAfterMs = 1000;
/** Time for reports after everything drained: their promise, and one look of the watch. */
const reportsAfterMs = limits.reportMs + 1000;
const probedTickets = 6;
/** What the probes wrote is in the cloud by then. */
const probesSettleMs = 3000;
const probeEveryMs = 120;

/** Where the files of a simulated disk lie: another place at each run. */
const diskPath = /[^"'\s]*foyer-sim-disk-\w+\//g;

function traceOf(onLine: RunOptions['onLine'], now: () => number): Trace {
  if (onLine === undefined) return null;
  return (who, what) => onLine(`${stamp(now())}  ${who.padEnd(8)} ${what.replace(diskPath, '')}`);
}

/** The real error behind a defect, with its place in the sources. */
const describeError = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

function limited(manners: BrokerManners, maxPayloadBytes: number): BrokerManners {
  return { ...manners, limits: { ...manners.limits, maxPayloadBytes } };
}

class SeedRun {
  readonly #scenario: Scenario;
  readonly #run: Run;
  readonly #tickets: (SimTicket | undefined)[];
  readonly #defects: Violation[] = [];
  readonly #trace: Trace;

  constructor(scenario: Scenario, options: RunOptions) {
    const { seed, gates, broker, blank, maxPayloadBytes, lanPayloadBytes } = scenario;
    const fixture = fixtureOf(gates);
    const ids = ['theatre', ...gateIds(gates)];
    const isBlank = (at: number): boolean => blank.includes(at - 1);
    this.#scenario = scenario;
    this.#tickets = [...fixture.tickets];
    this.#trace = traceOf(options.onLine, () => this.#run.world.runMs);
    const world = new SimWorld({
      seed,
      startMs: openingMs,
      manners: limited(broker === 'iot-core' ? ioTCoreManners : mosquittoManners, maxPayloadBytes),
      lanPayloadBytes,
      cloudDisk: fixture.cloud.clone(),
      disks: new Map(
        ids.map((id, at) => [
          id,
          (isBlank(at) ? null : fixture.disks.get(id)?.clone()) ?? newDisk(),
        ]),
      ),
      trace: this.#trace,
      remembers: scenario.faults.some(({ kind }) => kind === 'replays' || kind === 'garbage'),
      onDefect: (who, error) => this.#defect(who, error),
    });
    const texts = fixture.tickets.flatMap(({ code, entries }) => (entries === 1 ? [code] : []));
    this.#run = new Run(world, this.#trace, texts);
  }

  /** Runs from the opening to the checks. Must be called at the top level. */
  play(): SeedResult {
    const { seed, gates, loadMs, faults } = this.#scenario;
    const { world, watch } = this.#run;
    const stray = (error: unknown): void => {
      if (!(error instanceof SimCrash)) this.#defect('a promise', error);
    };
    process.on('unhandledRejection', stray);
    try {
      const broken = this.#act(loadMs);
      // A look at a ticket may be green, too, and admits nobody.
      const greens = watch.verdicts.filter(
        ({ verdict }) => verdict.colour === 'green' && verdict.right !== undefined,
      );
      const rights = new Set(greens.map(({ verdict }) => JSON.stringify(verdict.right)));
      const scans = new Set(greens.map(({ verdict }) => verdict.scanId));
      return {
        seed,
        gates,
        faults: faults.map(({ kind }) => kind),
        violations: [...this.#defects, ...broken],
        scans: watch.verdicts.length + watch.failedScans.length,
        greens: scans.size,
        doubles: scans.size - rights.size,
        virtualMs: Math.round(world.runMs),
      };
    } finally {
      this.#run.close();
      process.off('unhandledRejection', stray);
    }
  }

  #act(loadMs: number): Violation[] {
    try {
      this.#open();
      this.#schedule();
      this.#run.world.clock.advance(loadMs);
      const converged = this.#converge();
      this.#probe();
      return checkAll(this.#collect(converged));
    } catch (error) {
      this.#defect('the run', error);
      return [];
    }
  }

  #defect(who: string, error: unknown): void {
    this.#trace?.(who, `DEFECT ${describeError(error)}`);
    this.#run.trouble();
    this.#defects.push({ law: 'no-defect', detail: `${who}: ${describeError(error)}` });
  }

  #open(): void {
    const { world } = this.#run;
    world.await(world.cloud.start());
    for (const node of world.nodes.values()) node.start();
    this.#run.watch.begin();
    world.clock.advance(openedAfterMs);
  }

  #schedule(): void {
    const run = this.#run;
    const { scans, sales, faults, seed } = this.#scenario;
    const openedMs = run.world.runMs;
    const fixtureTickets = this.#tickets.length;
    for (const plan of scans) {
      run.at(openedMs + plan.atMs, () => scanAsPlanned(run, this.#tickets, plan));
    }
    for (const sale of sales) {
      run.at(openedMs + sale.atMs, () => {
        void sellAsPlanned(run, this.#tickets, sale, fixtureTickets);
      });
    }
    const random = new SimRandom(seed).fork('fault');
    for (const fault of faults) {
      run.at(openedMs + fault.startMs, () => run.begin(fault, random.fork(String(fault.id))));
      run.at(openedMs + fault.endMs, () => run.end(fault));
    }
  }

  /** Everything mends; how long until nothing is left to do. */
  #converge(): RunEvidence['converged'] {
    const { world } = this.#run;
    this.#run.say('every fault mends');
    this.#run.mendAll();
    world.await(world.cloud.start());
    this.#run.restateNodes();
    const sinceMs = world.runMs;
    let left = ['it was not looked yet'];
    while (left.length > 0 && world.runMs - sinceMs < limits.convergeMs) {
      world.clock.advance(500);
      left = this.#left();
      if (left.length === 0) left = this.#run.missingInCloud();
    }
    const withinMs = left.length === 0 ? world.runMs - sinceMs : null;
    world.clock.advance(reportsAfterMs);
    this.#run.say(withinMs === null ? `not converged: ${left.join('; ')}` : 'converged');
    return { withinMs, left };
  }

  #left(): string[] {
    const { world } = this.#run;
    if (world.cloud.worker === null) return ['the cloud is down'];
    return [...world.nodes.values()].flatMap((node) => {
      const status = node.api?.status();
      return status === undefined ? [`${node.id} is down`] : unfinished(status);
    });
  }

  /** Tickets at every gate, one after the other: a sound theatre decides each plainly. */
  #probe(): void {
    const run = this.#run;
    const random = run.world.random.fork('probes');
    // A cloud that was restored has forgotten what it sold since.
    const sold = ticketIdsInCloud(run.world.cloud.disk);
    const known = this.#tickets.flatMap((one) =>
      one !== undefined && sold.has(one.ticketId) ? [one] : [],
    );
    // What nobody could decide then must be decided now.
    const contested = run.watch.contested();
    const unsettled = known.filter(({ ticketId }) => contested.has(ticketId));
    for (let n = 0; n < probedTickets; n += 1) {
      const doubtful = n % 2 === 0 && unsettled.length > 0;
      const ticket = random.pick(doubtful ? unsettled : known);
      for (const gate of run.world.gates) {
        const request = { text: ticket.code, scanId: random.uuid(), override: false };
        holdUp(run, gate, request, run.watch.probes);
        run.world.clock.advance(probeEveryMs);
      }
    }
    run.world.clock.advance(probesSettleMs);
  }

  #collect(converged: RunEvidence['converged']): RunEvidence {
    const { world, watch } = this.#run;
    // What is durable is known in memory only, and learned again at each start.
    const known = [...world.nodes.values()].map((node) => ({ node, status: node.api?.status() }));
    for (const node of world.nodes.values()) node.stop();
    world.await(world.cloud.stop());
    world.clock.advance(1000);
    const nodes: NodeEnd[] = known.map(({ node, status }) => readNode(node, status));
    for (const { events } of nodes) watch.keep(events);
    return {
      verdicts: watch.verdicts,
      failedScans: watch.failedScans,
      committed: [...watch.committed.values()],
      nodes,
      cloud: readCloud(world.cloud.disk),
      samples: watch.samples,
      ticketChanges: watch.ticketChanges,
      losses: watch.losses,
      reportTimings: watch.reportTimings,
      converged,
      probes: watch.probes,
      injected: this.#run.injections,
      limits,
    };
  }
}

/** Runs a scenario from its beginning to its checks, in virtual time. */
export function runScenario(scenario: Scenario, options: RunOptions = {}): Promise<SeedResult> {
  return atTopLevel(() => new SeedRun(scenario, options).play());
}

/** Runs a seed's scenario. */
export function runSeed(seed: number, options: RunOptions = {}): Promise<SeedResult> {
  return runScenario(makeScenario(seed), options);
}
