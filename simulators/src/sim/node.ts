import { isFoyerError, type NodeId, type Role, type Verdict } from '@foyer/contracts';
import {
  Agent,
  agentConfigSchema,
  type AgentMesh,
  type LocalApiParts,
} from '@foyer/edge-agent/app';
import type { Clock, Link, Logger } from '@foyer/platform';
import { SimCrash, type SimDisk, type SimRandom } from '@foyer/platform/sim';

import { asPrevious } from './previous.ts';
import { Life, processClock, processLink, trueWall, type Wall } from './node-clock.ts';

/** What a node finds around it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: SimRandom;
  readonly logger: Logger;
  joinMesh(node: NodeId, isAllowed: (peer: NodeId) => boolean): Link;
  /** Whom a node may talk to changed. */
  reviewMesh(node: NodeId): void;
  /** Null for all but theatre agents. */
  joinCloud(node: NodeId): Link;
  /** A process threw what nobody caught, or did not start. */
  onDefect(node: NodeId, error: unknown): void;
  onLife(node: NodeId, what: 'started' | 'ended', why: string): void;
}

export type ScanRequest = Parameters<NonNullable<LocalApiParts['admission']>['scan']>[0];

/** A supervisor starts a process again so long after it ended by itself. */
const restartMs = 1000;
export const theatreNo = 7;

/** A machine of the theatre: a disk, a clock, and the real agent, which may die at any moment. */
export class SimNode {
  readonly id: NodeId;
  readonly role: Role;
  readonly wall: Wall = trueWall();
  disk: SimDisk;
  /** Counts up whenever the disk is another one, or shows an older state. */
  diskLife = 0;
  /** Off: nobody starts it until somebody says so. */
  on = false;
  /** Its program is of the version before: from its next start on. */
  isPrevious = false;
  readonly #around: Surroundings;
  readonly #links: Link[] = [];
  #life: Life | null = null;
  #agent: Agent | null = null;
  #api: LocalApiParts | null = null;
  #starts = 0;
  #stepsToCrash: number | null = null;
  #onCrash: (() => void) | null = null;
  #stepsToFull: number | null = null;

  constructor(id: NodeId, role: Role, disk: SimDisk, around: Surroundings) {
    this.id = id;
    this.role = role;
    this.disk = disk;
    this.#around = around;
  }

  /** Running, and answering its local API. */
  get up(): boolean {
    return this.#api !== null && this.#life?.ended === false;
  }

  get diskName(): string {
    return `${this.id}#${this.diskLife}`;
  }

  /** What the local API would tell. */
  get api(): LocalApiParts | null {
    return this.up ? this.#api : null;
  }

  /** Counts each start: which process a scan was asked of. */
  get starts(): number {
    return this.#starts;
  }

  start(): void {
    this.on = true;
    if (this.#life !== null && !this.#life.ended) return;
    const life = new Life();
    this.#life = life;
    this.#starts += 1;
    const onThrow = (error: unknown): void => this.#thrown(life, error);
    const clock = processClock(this.#around.clock, this.wall, life, onThrow);
    Agent.start(this.#deps(life, clock)).then(
      (agent) => {
        if (life.ended) return;
        this.#agent = agent;
        this.#around.onLife(this.id, 'started', '');
      },
      (error: unknown) => onThrow(error),
    );
  }

  /** Ends the process in an orderly way, as at night. */
  stop(): void {
    this.on = false;
    const [life, agent] = [this.#life, this.#agent];
    if (life === null || life.ended) return;
    this.#agent = null;
    this.#api = null;
    if (agent === null) {
      this.crash('stopped while it started');
      return;
    }
    this.#around.onLife(this.id, 'ended', 'stopped');
    agent.close().then(
      () => life.end(),
      (error: unknown) => this.#thrown(life, error),
    );
  }

  /** The process ends here and now; `then` happens to the disk. */
  crash(why: string, then: (disk: SimDisk) => void = (disk) => disk.crash()): void {
    this.#life?.end();
    this.#agent = null;
    this.#api = null;
    this.#stepsToCrash = null;
    this.#leaveLinks();
    then(this.disk);
    this.#around.onLife(this.id, 'ended', why);
  }

  /** The process dies after so many more steps on its disk: inside a transaction, or beside one. */
  crashAfterSteps(steps: number, onCrash: () => void): void {
    this.#stepsToCrash = steps;
    this.#onCrash = onCrash;
  }

  /** The disk is full after so many more steps, perhaps in the middle of a transaction. */
  fillDiskAfterSteps(steps: number): void {
    this.#stepsToFull = steps;
  }

  freeDisk(): void {
    this.#stepsToFull = null;
    this.disk.setFull(false);
  }

  /** It dies of no step any more. */
  disarm(): void {
    this.#stepsToCrash = null;
  }

  scan(request: ScanRequest): Promise<Verdict> {
    const admission = this.api?.admission ?? null;
    if (admission === null) return Promise.reject(new SimCrash('nobody answers'));
    return admission.scan(request);
  }

  #leaveLinks(): void {
    for (const link of this.#links.splice(0)) void link.close();
  }

  #thrown(life: Life, error: unknown): void {
    if (life.ended || error instanceof SimCrash) return;
    // A full disk keeps a process from starting; its supervisor tries again.
    const excused = isFoyerError(error) && error.code === 'disk-full';
    if (!excused) this.#around.onDefect(this.id, error);
    this.crash(excused ? 'disk full' : `it threw ${String(error)}`);
    this.#restartLater();
  }

  #restartLater(): void {
    this.#around.clock.setTimer(`restart ${this.id}`, restartMs, () => {
      if (this.on) this.start();
    });
  }

  #deps(life: Life, clock: Clock): Parameters<typeof Agent.start>[0] {
    const { id, role } = this;
    const logger = this.#around.logger;
    this.disk.onStep(() => this.#step());
    const config = agentConfigSchema.parse({
      node: id,
      role,
      theatreNo,
      dataDir: 'disk',
      mesh: { certPath: 'cert', keyPath: 'key', caPath: 'ca' },
    });
    const openCloud = (): Link => this.#keep(life, this.#around.joinCloud(id));
    return {
      config,
      version: 'simulated',
      clock,
      random: this.#around.random.fork(`${id} ${this.#starts}`),
      logger,
      openJournal: (migrations) => this.disk.start({ migrations, logger, nowMs: clock.nowMs() }),
      openMesh: ({ isAllowed }) => Promise.resolve(this.#mesh(life, isAllowed)),
      serveApi: (parts) => {
        if (!life.ended) this.#api = parts;
        return Promise.resolve({ port: 0, close: () => Promise.resolve() });
      },
      openCloud: role === 'theatre' ? openCloud : null,
      onDamage: () => {
        if (life.ended) return;
        this.crash('its database is damaged');
        this.#restartLater();
      },
    };
  }

  #mesh(life: Life, isAllowed: (peer: NodeId) => boolean): AgentMesh {
    const link = this.#keep(life, this.#around.joinMesh(this.id, isAllowed));
    const setPeers = (): void => this.#around.reviewMesh(this.id);
    return { ...link, port: 0, setPeers };
  }

  #keep(life: Life, link: Link): Link {
    this.#links.push(link);
    const spoken = this.isPrevious ? asPrevious(link) : link;
    return processLink(spoken, life, (error) => this.#thrown(life, error));
  }

  #step(): void {
    if (this.#stepsToFull !== null) {
      this.#stepsToFull -= 1;
      if (this.#stepsToFull < 0) this.disk.setFull(true);
    }
    if (this.#stepsToCrash === null) return;
    this.#stepsToCrash -= 1;
    if (this.#stepsToCrash > 0) return;
    this.#stepsToCrash = null;
    this.#onCrash?.();
    throw new SimCrash(`${this.id} died between two steps`);
  }
}
