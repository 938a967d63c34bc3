import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { seedTickets } from '@foyer/cloud-sync';
import type { SeededBooking } from '@foyer/cloud-sync';
import type { FeedRow } from '@foyer/contracts';
import { bundleFile } from '@foyer/platform/home';

import { Cabling } from '../up/cabling.ts';
import { Program } from '../up/program.ts';
import type { Ready } from '../up/program.ts';
import { meshIdentity, provision } from '../up/provision.ts';
import {
  agentConfig,
  cloudConfig,
  keyId,
  nodesOf,
  serverConfig,
  theatreNode,
} from '../up/settings.ts';
import type { TheatreSettings } from '../up/settings.ts';
import { theatreNo } from '../world/index.ts';
import type { Cleanup } from './cleanup.ts';
import { sweep, whyNot } from './netns.ts';
import { GateRoom } from './rooms.ts';
import { startServices } from './services.ts';
import type { Services } from './services.ts';
import { SmallDisk } from './small-disk.ts';

/** How long a program may take to serve again, on a machine that is full of faults. */
const longestStartMs = 30_000;
const retryStartMs = 250;

/** The database of the gate on the small disk, its WAL and every ticket fit well. */
const smallDiskBytes = (tickets: number): number => 48 * 1_048_576 + tickets * 1_500;

const nodeRow = (nodeId: string): FeedRow<'node'> => {
  const role = nodeId === theatreNode ? 'theatre' : 'gate';
  return { nodeId, role, name: nodeId, auditoriums: [], status: 'active', meshUrl: null };
};

/** What a house is made with. */
export interface HousePlan {
  readonly settings: TheatreSettings;
  readonly tickets: number;
  readonly cleanup: Cleanup;
}

/**
 * A whole theatre of real processes, with Mosquitto and PostgreSQL, whose every process can be
 * killed and started again. The second gate is on a small disk and the third lives in a network
 * namespace, where this process may make such things.
 */
export class House {
  readonly settings: TheatreSettings;
  readonly nodes: readonly string[];
  readonly gates: readonly string[];
  /** Times that each process was killed. */
  readonly kills = new Map<string, number>();
  /** Programs that ended although nobody killed them, or did not start again. */
  readonly mishaps: string[] = [];
  smallDisk: SmallDisk | null = null;
  room: GateRoom | null = null;
  bookings: readonly SeededBooking[] = [];
  readonly #plan: HousePlan;
  readonly #programs = new Map<string, Program>();
  readonly #ports = new Map<string, number>();
  readonly #down = new Set<string>();
  readonly #starting = new Map<string, Promise<void>>();
  /** Programs that served: a start that fails is tried again and is no mishap. */
  readonly #serving = new Set<string>();
  #cabling: Cabling | null = null;
  #services: Services | null = null;
  #closing = false;

  constructor(plan: HousePlan) {
    this.#plan = plan;
    this.settings = plan.settings;
    this.nodes = nodesOf(plan.settings);
    this.gates = this.nodes.slice(1);
  }

  get cabling(): Cabling {
    if (this.#cabling === null) throw new Error('The house is not open.');
    return this.#cabling;
  }

  get services(): Services {
    if (this.#services === null) throw new Error('The house is not open.');
    return this.#services;
  }

  /** The gate on the small disk, where there is one. */
  get diskGate(): string {
    return this.gates[1 % this.gates.length] ?? '';
  }

  /** The gate in a room of its own, where there is one. */
  get roomGate(): string {
    return this.gates[2 % this.gates.length] ?? '';
  }

  /** A program's API. */
  urlOf(name: string): string {
    if (this.room !== null && name === this.roomGate) return this.room.apiUrl;
    return `http://127.0.0.1:${this.#ports.get(name) ?? 0}`;
  }

  databaseOf(node: string): string {
    return join(this.settings.dir, node, `${node === theatreNode ? 'theatre' : 'gate'}.db`);
  }

  /** A number that changes whenever the process dies or comes back; odd while it is away. */
  livesOf(name: string): number {
    return 2 * (this.kills.get(name) ?? 0) - (this.#down.has(name) ? 1 : 0);
  }

  /** Starts everything. The caller closes, whatever comes. */
  async open(): Promise<void> {
    const { settings, cleanup, tickets } = this.#plan;
    mkdirSync(settings.dir, { recursive: true, mode: 0o700 });
    this.#cabling = await Cabling.lay(this.nodes);
    const [services] = await Promise.all([
      startServices(settings.dir),
      provision(join(settings.dir, 'certificates'), this.nodes),
    ]);
    this.#services = services;
    this.#cabling.plug('broker', services.brokerPort);
    if (whyNot('mount') === null && whyNot('ip') === null) sweep();
    if (whyNot('mount') === null) {
      const dir = join(settings.dir, this.diskGate);
      this.smallDisk = new SmallDisk(dir, smallDiskBytes(tickets), cleanup);
    }
    if (whyNot('ip') === null) await this.#openRoom(cleanup);
    await this.#launch('payment');
    this.bookings = await seedTickets({
      database: this.database,
      theatreNo,
      tickets,
      signingKey: settings.signingKey,
      keyId,
      nodes: this.nodes.map(nodeRow),
    });
    await Promise.all(['cloud', ...this.nodes].map((name) => this.#launch(name)));
  }

  /** The cloud's database. */
  get database(): { kind: 'postgres'; url: string } {
    return { kind: 'postgres', url: this.services.postgres.url };
  }

  /** kill -9 of a program, of `broker` or of `postgres`; resolves when it is gone. */
  async kill(name: string): Promise<void> {
    if (this.#down.has(name)) return;
    this.#down.add(name);
    this.kills.set(name, (this.kills.get(name) ?? 0) + 1);
    if (name === 'broker') await this.services.broker.kill();
    else if (name === 'postgres') await this.services.postgres.kill();
    else {
      await this.#programs.get(name)?.kill();
      this.#plug(name, undefined);
      await this.#starting.get(name);
    }
  }

  /** Starts again what was killed; resolves when it serves, or was killed again meanwhile. */
  async revive(name: string): Promise<void> {
    if (this.#closing || !this.#down.delete(name)) return;
    if (name === 'broker') await this.services.broker.start();
    else if (name === 'postgres') await this.services.postgres.start();
    else {
      const started = this.#bringUp(name);
      this.#starting.set(name, started);
      await started;
    }
  }

  /** Starts again everything that was killed. */
  async reviveAll(): Promise<void> {
    for (const name of ['postgres', 'broker']) await this.revive(name);
    await Promise.all([...this.#down].map((name) => this.revive(name)));
    await Promise.all(this.#starting.values());
  }

  /** Asks every program of ours to end; the database server stays for those who look into it. */
  async stopPrograms(): Promise<void> {
    this.#closing = true;
    const programs = [...this.#programs.values()];
    await Promise.all(programs.map((program) => program.stop()));
  }

  /** Ends everything. Idempotent; safe after a failed start. */
  async close(): Promise<void> {
    await this.stopPrograms();
    await this.room?.close();
    await this.#cabling?.close();
    await this.#services?.broker.stop();
    await this.#services?.postgres.stop();
  }

  async #openRoom(cleanup: Cleanup): Promise<void> {
    const peers = this.cabling.peersOf(this.roomGate);
    this.room = await GateRoom.open(this.settings.dir, peers, cleanup);
    this.cabling.plugMesh(this.roomGate, this.room.meshPath);
  }

  async #launch(name: string): Promise<void> {
    this.#serving.delete(name);
    const ready = await this.#program(name).start(this.#configOf(name));
    this.#serving.add(name);
    this.#ports.set(name, ready.port ?? 0);
    this.#plug(name, ready);
  }

  #program(name: string): Program {
    const known = this.#programs.get(name);
    if (known !== undefined) return known;
    const program = new Program({
      name,
      file: bundleFile(['payment', 'cloud'].includes(name) ? name : 'agent'),
      dir: this.settings.dir,
      onDeath: (how) => this.#died(name, how),
      ...(this.room !== null && name === this.roomGate ? { through: this.room.through } : {}),
    });
    this.#programs.set(name, program);
    return program;
  }

  #configOf(name: string): object {
    const { settings, cabling } = this;
    const port = this.#ports.get(name);
    if (name === 'payment') return serverConfig(port);
    const { mqttFiles } = this.services;
    const log = { level: 'warn' };
    const secure = (url: string): string => url.replace('mqtt:', 'mqtts:');
    if (name === 'cloud') {
      const mqtt = { url: secure(cabling.brokerUrl), ...mqttFiles.cloud };
      const media = { path: join(settings.dir, 'media') };
      const own = { database: this.database, media, mqtt, log };
      return { ...cloudConfig(settings, cabling, port), ...own };
    }
    const config = { ...agentConfig(settings, cabling, name, port), log };
    if (name === theatreNode) {
      return { ...config, mqtt: { url: secure(cabling.wanUrl), ...mqttFiles.theatre } };
    }
    if (this.room === null || name !== this.roomGate) return config;
    const identity = meshIdentity(join(settings.dir, 'certificates'), name);
    return { ...config, ...this.room.settings(identity) };
  }

  #plug(name: string, ready: Ready | undefined): void {
    if (name === 'payment') this.cabling.plug('payment', ready?.port);
    else if (name !== 'cloud' && !(this.room !== null && name === this.roomGate)) {
      this.cabling.plugMesh(name, ready?.meshPort);
    }
  }

  async #bringUp(name: string): Promise<void> {
    const limitMs = performance.now() + longestStartMs;
    while (!this.#closing && !this.#down.has(name)) {
      try {
        await this.#launch(name);
        return;
      } catch (error) {
        if (this.#closing || this.#down.has(name)) return;
        if (performance.now() > limitMs) {
          this.mishaps.push(`${name} did not start again: ${String(error)}`);
          return;
        }
        await pause(retryStartMs);
      }
    }
  }

  #died(name: string, how: string): void {
    if (this.#closing || this.#down.has(name) || !this.#serving.delete(name)) return;
    this.mishaps.push(`${name} ended by itself (${how}).`);
    this.#plug(name, undefined);
    this.#starting.set(name, this.#bringUp(name));
  }
}
