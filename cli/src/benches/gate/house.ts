import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { seedTickets } from '@foyer/cloud-sync';
import type { SeededBooking } from '@foyer/cloud-sync';
import { FoyerError, localOperations } from '@foyer/contracts';
import type { FeedRow, Status } from '@foyer/contracts';
import { bundleFile } from '@foyer/platform/home';
import { gateId, meshIdentity, Program, provision, theatreNo } from '@foyer/simulators';

import { keyId } from './tickets.ts';

/** What the house is made with. */
export interface HousePlan {
  readonly gates: number;
  readonly tickets: number;
  /** Where databases, certificates and logs go. */
  readonly dir: string;
  readonly progress: (line: string) => void;
}

const theatreNode = 'theatre';
const pollMs = 100;
const longestSyncMs = 300_000;
const statusTimeoutMs = 10_000;
const oneFeedMinimum = 1;

const here = (port = 0): { host: string; port: number } => ({ host: '127.0.0.1', port });

// A mesh node's address must be known before the node runs: the system names free ports.
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    const listening = servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    );
    return await Promise.all(listening);
  } finally {
    for (const server of servers) server.close();
  }
}

function nodeRow(nodeId: string): FeedRow<'node'> {
  const role = nodeId === theatreNode ? 'theatre' : 'gate';
  // Every gate serves every auditorium: the three electors of a right are any of the gates, so the
  // one that scans always needs the vote of at least one other.
  return { nodeId, role, name: nodeId, auditoriums: [], status: 'active', meshUrl: null };
}

/**
 * Broker, payment, cloud, theatre agent, gate agents and their scanners: each a process of its own,
 * run from its bundle, with nothing between them but loopback.
 */
export class House {
  readonly #plan: HousePlan;
  readonly #programs = new Map<string, Program>();
  readonly #ports = new Map<string, number>();
  readonly #meshPorts = new Map<string, number>();
  #closing = false;
  readonly signingKey = randomBytes(32).toString('base64url');
  bookings: readonly SeededBooking[] = [];

  constructor(plan: HousePlan) {
    this.#plan = plan;
  }

  /** Where its databases are. */
  get dir(): string {
    return this.#plan.dir;
  }

  get gates(): string[] {
    return Array.from({ length: this.#plan.gates }, (_, index) => gateId(index));
  }

  /** A program's API. */
  url(name: string, path: string): URL {
    return new URL(path, `http://127.0.0.1:${this.#ports.get(name) ?? 0}`);
  }

  pid(name: string): number | undefined {
    return this.#programs.get(name)?.pid;
  }

  /** kill -9. */
  async kill(node: string): Promise<void> {
    await this.#programs.get(node)?.kill();
  }

  /** Starts a node on the files and ports that it had. Resolves when it serves. */
  async startNode(node: string): Promise<void> {
    await this.#start(node, 'agent', this.#agentConfig(node));
  }

  /** Waits until every node knows itself up to date and gives votes. */
  async untilSound(): Promise<void> {
    const { tickets } = this.#plan;
    const untilMs = performance.now() + longestSyncMs;
    let saidMs = performance.now();
    for (;;) {
      const states = await Promise.all(this.gates.map((gate) => this.#status(gate)));
      if (states.every((state) => state !== undefined && this.#isSound(state))) return;
      const rows = states.map((state) => ticketRows(state));
      if (performance.now() > untilMs) {
        throw new FoyerError('timeout', `Gates have ${rows.join(', ')} of ${tickets} tickets.`, {
          whatToDo: `Look at the logs in ${this.#plan.dir}; give --dir to keep them.`,
        });
      }
      if (performance.now() - saidMs > 5_000) {
        saidMs = performance.now();
        this.#plan.progress(`Tickets at the gates: ${rows.join(', ')}`);
      }
      await pause(pollMs);
    }
  }

  /** Ends every process. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    const stop = (names: readonly string[]): Promise<unknown> =>
      Promise.all(names.map(async (name) => this.#programs.get(name)?.stop()));
    await stop(this.gates.map(scannerOf));
    await stop([...this.#programs.keys()]);
  }

  #isSound(state: Status): boolean {
    const connected = state.peers.filter((peer) => peer.connected).length;
    return (
      !state.recovering &&
      connected === this.#plan.gates &&
      ticketRows(state) >= this.#plan.tickets &&
      state.feeds.every((feed) => feed.cursor >= Math.max(oneFeedMinimum, feed.head)) &&
      state.lanes.every((lane) => lane.durable >= lane.head)
    );
  }

  /**
   * Starts everything and waits until each gate has every ticket. The caller closes, whatever
   * comes.
   */
  async open(): Promise<void> {
    const { gates, tickets, dir, progress } = this.#plan;
    const nodes = [theatreNode, ...this.gates];
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    progress(`Selling ${tickets} tickets`);
    const [broker, payment, bookings] = await Promise.all([
      this.#start('broker', 'broker', { listen: here() }),
      this.#start('payment', 'payment', { listen: here() }),
      seedTickets({
        database: this.#database,
        theatreNo,
        tickets,
        signingKey: this.signingKey,
        keyId,
        nodes: nodes.map(nodeRow),
      }),
      provision(join(dir, 'certificates'), nodes),
    ]);
    this.bookings = bookings;
    const ports = await freePorts(nodes.length);
    for (const [index, node] of nodes.entries()) this.#meshPorts.set(node, ports[index] ?? 0);
    progress(`Starting the cloud, the theatre and ${gates} gates`);
    await this.#start('cloud', 'cloud', this.#cloudConfig(broker, payment));
    await Promise.all(nodes.map((node) => this.startNode(node)));
    await Promise.all(
      this.gates.map((gate) =>
        this.#start(scannerOf(gate), 'scanner', {
          listen: here(),
          agentUrl: this.url(gate, '/').origin,
          sources: [],
          workers: 1,
        }),
      ),
    );
    await this.untilSound();
  }

  get #database(): { kind: 'sqlite'; path: string } {
    return { kind: 'sqlite', path: join(this.#plan.dir, 'cloud.db') };
  }

  #cloudConfig(brokerPort: number, paymentPort: number): object {
    return {
      listen: here(),
      database: this.#database,
      mqtt: { url: `mqtt://127.0.0.1:${brokerPort}`, sharedSubscription: false },
      payment: { url: `http://127.0.0.1:${paymentPort}` },
      apiKey: randomBytes(24).toString('base64url'),
      signingKey: this.signingKey,
      keyId,
    };
  }

  #agentConfig(node: string): object {
    const others = [...this.#meshPorts].filter(([other]) => other !== node);
    const broker = this.#ports.get('broker') ?? 0;
    return {
      node,
      role: node === theatreNode ? 'theatre' : 'gate',
      theatreNo,
      dataDir: join(this.#plan.dir, node),
      listen: here(this.#ports.get(node)),
      mesh: {
        listen: here(this.#meshPorts.get(node)),
        ...meshIdentity(join(this.#plan.dir, 'certificates'), node),
        peers: Object.fromEntries(
          others.map(([other, port]) => [other, `wss://127.0.0.1:${port}`]),
        ),
      },
      ...(node === theatreNode ? { mqtt: { url: `mqtt://127.0.0.1:${broker}` } } : {}),
    };
  }

  async #start(name: string, bundle: string, config: object): Promise<number> {
    if (this.#closing) throw new FoyerError('timeout', 'The benchmark is being ended.');
    const known = this.#programs.get(name);
    const program = known ?? new Program({ name, file: bundleFile(bundle), dir: this.#plan.dir });
    this.#programs.set(name, program);
    const { port = 0 } = await program.start(config);
    this.#ports.set(name, port);
    return port;
  }

  async #status(node: string): Promise<Status | undefined> {
    try {
      const response = await fetch(this.url(node, localOperations.status.path), {
        signal: AbortSignal.timeout(statusTimeoutMs),
      });
      const body: unknown = await response.json();
      return localOperations.status.response.parse(body);
    } catch {
      return undefined;
    }
  }
}

/** The program that decodes for a gate. */
export const scannerOf = (gate: string): string => `scanner-${gate}`;

const ticketRows = (state: Status | undefined): number =>
  state?.feeds.find(({ feed }) => feed === 'tickets')?.rows ?? 0;
