import type { NodeId, Role } from '@foyer/contracts';
import type { Link, Logger } from '@foyer/platform';
import {
  fineWeather,
  hubName,
  ioTCoreBehaviour,
  lanBehaviour,
  settlePromises,
  SimBroker,
  SimClock,
  SimNetwork,
  SimRandom,
  type BrokerManners,
  type SimDisk,
} from '@foyer/platform/sim';
import { mosquittoLimits } from '@foyer/platform';

import { SimCloud } from './cloud.ts';
import { SimNode, theatreNo } from './node.ts';
import { describePayload, traceLogger, type Trace } from './trace.ts';

/** AWS IoT Core: replays at 10/s, drops silently what is too much, keeps no order. */
export const ioTCoreManners: BrokerManners = {
  ...ioTCoreBehaviour,
  keepsSessions: true,
  replayPerS: 10,
  maxKept: 1000,
};

/** A broker of one's own. */
export const mosquittoManners: BrokerManners = {
  limits: mosquittoLimits,
  silentDiscard: false,
  keepsSessions: true,
  replayPerS: 500,
  maxKept: 1000,
};

export interface WorldOptions {
  seed: number;
  /** UTC milliseconds that every clock shows at first. */
  startMs: number;
  manners: BrokerManners;
  /** The largest payload between nodes of the theatre, bytes. */
  lanPayloadBytes: number;
  cloudDisk: SimDisk;
  /** Every node with its disk. */
  disks: ReadonlyMap<NodeId, SimDisk>;
  trace: Trace;
  /** Payloads are remembered: somebody sends them again. */
  remembers: boolean;
  /** A process threw what nobody caught. */
  onDefect: (who: string, error: unknown) => void;
}

export const roleOf = (node: NodeId): Role => (node.startsWith('gate') ? 'gate' : 'theatre');

/** How a node is called at the broker. */
export const brokerName = (node: NodeId): string => `${theatreNo}/${node}`;

/** A payload as it was carried. */
export interface Heard {
  link: 'lan' | 'wan';
  from: string;
  to: string;
  payload: Uint8Array;
}

/** What tells machines of one name apart. */
interface Machine {
  /** In the trace. */
  readonly name: string;
  readonly random: SimRandom;
  readonly join: (isAllowed: (peer: NodeId) => boolean) => Link;
}

/** Payloads that are remembered for those who send them again. */
const mostHeard = 200;

/** Longest that a single answer of a program is waited for, virtual ms. */
const patienceMs = 60_000;

/** A theatre and its cloud on one virtual clock. Nothing in it happens unless time is moved. */
export class SimWorld {
  readonly clock: SimClock;
  readonly random: SimRandom;
  readonly lan: SimNetwork;
  readonly wan: SimBroker;
  readonly cloud: SimCloud;
  readonly nodes = new Map<NodeId, SimNode>();
  readonly #options: WorldOptions;
  readonly #heard: Heard[] = [];
  /** What each name joined the mesh with last. */
  readonly #meshes = new Map<NodeId, Link>();
  readonly #renamed = new Map<NodeId, NodeId>();

  constructor(options: WorldOptions) {
    this.#options = options;
    this.clock = new SimClock(options.startMs, settlePromises);
    this.random = new SimRandom(options.seed);
    const { clock, random } = this;
    this.lan = new SimNetwork({
      clock,
      random: random.fork('lan'),
      weather: { ...fineWeather, minDelayMs: 0.3, maxDelayMs: 2 },
      behaviour: {
        ...lanBehaviour,
        limits: { ...lanBehaviour.limits, maxPayloadBytes: options.lanPayloadBytes },
      },
    });
    this.wan = new SimBroker({
      clock,
      random: random.fork('wan'),
      manners: options.manners,
      weather: { ...fineWeather, minDelayMs: 20, maxDelayMs: 80 },
    });
    this.cloud = new SimCloud(options.cloudDisk, {
      clock,
      random: random.fork('cloud'),
      logger: this.#loggerOf('cloud'),
      join: () => this.#overheard('wan', 'cloud', hubName, this.wan.join(hubName)),
      onDefect: (error) => options.onDefect('cloud', error),
    });
    for (const [node, disk] of options.disks) this.addNode(node, disk);
  }

  #loggerOf(who: string): Logger {
    const { trace, onDefect } = this.#options;
    return traceLogger(trace, who, (what) => onDefect(who, new Error(what)));
  }

  addNode(id: NodeId, disk: SimDisk): SimNode {
    const join = (isAllowed: (peer: NodeId) => boolean): Link => {
      const link = this.lan.join(id, isAllowed);
      this.#meshes.set(id, link);
      return link;
    };
    const node = this.#machine(id, disk, { name: id, random: this.random, join });
    this.nodes.set(id, node);
    return node;
  }

  /**
   * A second machine with a node's name, on a disk of its own, which belongs to the caller.
   * `take` says which of the two the others hear.
   */
  addTwin(id: NodeId, disk: SimDisk): { node: SimNode; take: (twin: boolean) => void } {
    let own: Link | null = null;
    const join = (isAllowed: (peer: NodeId) => boolean): Link => {
      own = this.lan.joinBeside(id, isAllowed);
      return own;
    };
    const random = this.random.fork(`twin of ${id} ${this.runMs}`);
    const node = this.#machine(id, disk, { name: `${id}'`, random, join });
    const take = (twin: boolean): void => {
      const link = twin ? own : this.#meshes.get(id);
      if (link !== undefined && link !== null) this.lan.give(link);
    };
    return { node, take };
  }

  /** A node goes on under another name, on its disk. */
  rename(id: NodeId, as: NodeId): void {
    const { disk, wall, diskLife } = this.node(id);
    this.nodes.delete(this.nameOf(id));
    const renamed = this.addNode(as, disk);
    renamed.diskLife = diskLife + 1;
    Object.assign(renamed.wall, wall);
    this.#renamed.set(id, as);
  }

  /** What a node is called now. */
  nameOf(id: NodeId): NodeId {
    return this.#renamed.get(id) ?? id;
  }

  #machine(id: NodeId, disk: SimDisk, { name, random, join }: Machine): SimNode {
    const { trace, onDefect } = this.#options;
    return new SimNode(id, roleOf(id), disk, {
      clock: this.clock,
      random,
      logger: this.#loggerOf(name),
      joinMesh: (_, isAllowed) => this.#overheard('lan', name, id, join(isAllowed)),
      reviewMesh: () => this.lan.review(id),
      joinCloud: () => this.#overheard('wan', name, brokerName(id), this.wan.join(brokerName(id))),
      onDefect: (_, error) => onDefect(name, error),
      onLife: (_, what, why) => trace?.(name, why === '' ? what : `${what}: ${why}`),
    });
  }

  get runMs(): number {
    return this.clock.monotonicMs();
  }

  node(id: NodeId): SimNode {
    const node = this.nodes.get(this.nameOf(id));
    if (node === undefined) throw new Error(`There is no node ${id}.`);
    return node;
  }

  get gates(): SimNode[] {
    return [...this.nodes.values()].filter((node) => node.role === 'gate');
  }

  /** Moves time until a promise settles, and gives its value. */
  await<T>(promise: Promise<T>): T {
    let outcome: { value: T } | { error: unknown } | null = null;
    promise.then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    );
    settlePromises();
    this.clock.runUntil(() => outcome !== null, patienceMs);
    const settled = outcome as { value: T } | { error: unknown } | null;
    if (settled === null) throw new Error('A program of the simulation never answered.');
    if ('error' in settled) throw settled.error;
    return settled.value;
  }

  /** Ends every process and removes every file. */
  close(): void {
    for (const node of this.nodes.values()) {
      node.on = false;
      node.crash('the run is over');
      node.disk.destroy();
    }
    this.cloud.crash();
    settlePromises();
    this.cloud.disk.destroy();
  }

  /** Payloads that were carried lately. */
  heard(): readonly Heard[] {
    return this.#heard;
  }

  /** Carries a payload as if its sender had sent it. */
  say({ link, from, to, payload }: Heard): void {
    if (link === 'lan') this.lan.inject(from, to, payload);
    else this.wan.inject(from, to, payload);
  }

  /** The same link; each payload that arrives is a line of the trace, and may be sent again. */
  #overheard(link: Heard['link'], who: string, to: string, inner: Link): Link {
    const { trace, remembers } = this.#options;
    if (trace === null && !remembers) return inner;
    const listen = inner.onPayload.bind(inner);
    inner.onPayload = (listener) =>
      listen((from, payload) => {
        if (remembers) this.#remember({ link, from, to, payload });
        const what = trace === null ? null : describePayload(payload);
        if (what !== null) trace?.(who, `<- ${from}: ${what}`);
        listener(from, payload);
      });
    return inner;
  }

  #remember(heard: Heard): void {
    if (this.#heard.length >= mostHeard) this.#heard.shift();
    this.#heard.push(heard);
  }
}
