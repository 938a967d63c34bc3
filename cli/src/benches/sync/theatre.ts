import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { seedTickets, type SeededBooking } from '@foyer/cloud-sync';
import { localOperations, type Status } from '@foyer/contracts';
import { bundleFile } from '@foyer/platform/home';
import { freePort, startMosquitto, type TestBroker } from '@foyer/platform/testing';
import { gateId, meshIdentity, Program, provision, theatreNo } from '@foyer/simulators';

import { WireMeter } from './wire-meter.ts';

export interface TheatrePlan {
  rows: number;
  gates: number;
  /** Databases, certificates, logs. */
  dir: string;
  limits: 'broker' | 'iot-core';
}

const here = (port = 0): { host: string; port: number } => ({ host: '127.0.0.1', port });
const keyId = 1;

/** The kernel counts processor time in hundredths of a second on every Linux that we run on. */
const ticksPerS = 100;

function cpuSecondsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; user and system time are 12 and 13 fields behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerS;
  } catch {
    return 0;
  }
}

/** Mosquitto, payment, cloud, a theatre agent and gates: real processes from the bundles. */
export class SyncTheatre {
  readonly apiKey = randomBytes(24).toString('base64url');
  readonly #plan: TheatrePlan;
  readonly #programs = new Map<string, Program>();
  readonly #ports = new Map<string, number>();
  readonly #meshPorts = new Map<string, number>();
  readonly #signingKey = randomBytes(32).toString('base64url');
  #broker: TestBroker | undefined;
  #meter: WireMeter | undefined;
  #meterPort = 0;

  constructor(plan: TheatrePlan) {
    this.#plan = plan;
  }

  get gates(): string[] {
    return Array.from({ length: this.#plan.gates }, (_, n) => gateId(n));
  }

  /** The theatre's connection to its broker. */
  get meter(): WireMeter {
    if (this.#meter === undefined) throw new Error('The cloud is not open yet.');
    return this.#meter;
  }

  url(name: string, path = '/'): URL {
    return new URL(path, `http://127.0.0.1:${this.#ports.get(name) ?? 0}`);
  }

  /** Sells the tickets and starts everything but agents. */
  async openCloud(): Promise<readonly SeededBooking[]> {
    const { dir, rows, limits } = this.#plan;
    const nodes = ['theatre', ...this.gates];
    for (const node of nodes) this.#meshPorts.set(node, await freePort());
    await provision(join(dir, 'certificates'), nodes);
    const database = { kind: 'sqlite' as const, path: join(dir, 'cloud.db') };
    const bookings = await seedTickets({
      database,
      theatreNo,
      tickets: rows,
      signingKey: this.#signingKey,
      keyId,
      nodes: nodes.map((nodeId) => {
        const role = nodeId === 'theatre' ? ('theatre' as const) : ('gate' as const);
        return { nodeId, role, name: nodeId, auditoriums: [], status: 'active', meshUrl: null };
      }),
    });
    this.#broker = await startMosquitto();
    this.#meter = new WireMeter(Number(new URL(this.#broker.url).port));
    this.#meterPort = await this.#meter.listen();
    await this.#start('payment', 'payment', { listen: here() });
    await this.#start('cloud', 'cloud', {
      listen: here(),
      database,
      mqtt: { url: this.#broker.url, sharedSubscription: false, limits },
      payment: { url: this.url('payment').origin },
      apiKey: this.apiKey,
      signingKey: this.#signingKey,
      keyId,
      log: { level: 'warn' },
    });
    return bookings;
  }

  /** Starts an agent on an empty directory of its own. */
  async startAgent(node: string): Promise<void> {
    const { dir, limits } = this.#plan;
    const others = [...this.#meshPorts].filter(([other]) => other !== node);
    const theatre = node === 'theatre';
    await this.#start(node, 'agent', {
      node,
      role: theatre ? 'theatre' : 'gate',
      theatreNo,
      dataDir: join(dir, node),
      listen: here(),
      mesh: {
        listen: here(this.#meshPorts.get(node)),
        ...meshIdentity(join(dir, 'certificates'), node),
        peers: Object.fromEntries(
          others.map(([other, port]) => [other, `wss://127.0.0.1:${port}`]),
        ),
      },
      log: { level: 'warn' },
      ...(theatre ? { mqtt: { url: `mqtt://127.0.0.1:${this.#meterPort}`, limits } } : {}),
    });
  }

  async status(node: string): Promise<Status> {
    const response = await fetch(this.url(node, localOperations.status.path));
    return localOperations.status.response.parse(await response.json());
  }

  /** Tickets that an agent holds. */
  async rows(node: string): Promise<number> {
    const { feeds } = await this.status(node);
    return feeds.find(({ feed }) => feed === 'tickets')?.rows ?? 0;
  }

  /** Processor time that a program has used, seconds; 0 where the system does not tell. */
  cpuSeconds(name: string): number {
    const pid = this.#programs.get(name)?.pid;
    return pid === undefined ? 0 : cpuSecondsOf(pid);
  }

  /** Ends every process. Idempotent. */
  async close(): Promise<void> {
    const programs = [...this.#programs.values()].toReversed();
    await Promise.all(programs.map((program) => program.stop()));
    await this.#meter?.close();
    await this.#broker?.stop();
  }

  async #start(name: string, bundle: string, config: object): Promise<void> {
    const program = new Program({ name, file: bundleFile(bundle), dir: this.#plan.dir });
    this.#programs.set(name, program);
    const { port = 0 } = await program.start(config);
    this.#ports.set(name, port);
  }
}
