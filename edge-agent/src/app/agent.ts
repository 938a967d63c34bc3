import type { EventBody, Message, NodeId, Status } from '@foyer/contracts';
import type { Clock, Link, Logger, Random, Timer } from '@foyer/platform';
import type { HttpServer } from '@foyer/platform/http';
import { EventStream } from '../adapters/http/event-stream.ts';
import { serveLocalApi } from '../adapters/http/local-api.ts';
import { createMetrics, type Metrics } from '../adapters/http/metrics.ts';
import type { AgentConfig } from '../config.ts';
import type { AdmissionService } from '../domain/admission/ports.ts';
import { buildAdmission } from './admission.ts';
import { guardClock, type GuardedClock } from './guarded-clock.ts';
import { LiveGossip } from './live-gossip.ts';
import { MeshHub } from './mesh-hub.ts';
import { Neighbours } from './neighbours.ts';
import { viewReplica, type HouseView } from './replica-view.ts';
import { showsOfToday } from './shows.ts';
import { statusOf } from './status.ts';
import { openStorage, type Storage } from './storage.ts';
import { createSync, type Sync } from './sync.ts';
import { Unreadable } from './unreadable.ts';

/** The mesh link as an agent uses it. */
export interface AgentMesh extends Link {
  readonly port: number;
  setPeers(peers: Readonly<Record<NodeId, string>>): void;
}

export interface MeshWishes {
  peers: Readonly<Record<NodeId, string>>;
  isAllowed: (node: NodeId) => boolean;
  /** A connection was turned away because of its certificate or the node list. */
  onRefused: () => void;
}

export interface AgentDeps {
  config: AgentConfig;
  version: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  openMesh(wishes: MeshWishes): Promise<AgentMesh>;
  /** Opens the link to the cloud; null for all but a theatre agent. */
  openCloud: (() => Link) | null;
}

const statusEveryMs = 1000;

/** One agent, running: its parts, put together. What they do is in the parts. */
export class Agent {
  readonly #deps: AgentDeps;
  readonly #startedMs: number;
  readonly #metrics: Metrics;
  readonly #storage: Storage;
  readonly #clock: GuardedClock;
  readonly #view: HouseView;
  readonly #mesh: AgentMesh;
  readonly #cloud: Link | null;
  readonly #events: EventStream;
  readonly #unreadable: Unreadable;
  readonly #hub: MeshHub;
  readonly #live: LiveGossip;
  readonly #sync: Sync;
  readonly #admission: AdmissionService | null;
  #http: HttpServer | null = null;
  #statusTimer: Timer | null = null;
  #closing: Promise<void> | null = null;

  /** Opens the database, joins the mesh, serves the local API. */
  static async start(deps: AgentDeps): Promise<Agent> {
    let metrics: Metrics | null = null;
    const storage = openStorage({ ...deps, onCommit: (seconds) => metrics?.commit(seconds) });
    const neighbours = new Neighbours(deps.config, storage.replica, deps);
    let agent: Agent | null = null;
    try {
      const mesh = await deps.openMesh(neighbours.wishes());
      agent = new Agent(deps, storage, neighbours, mesh);
      metrics = agent.#metrics;
      await agent.#serve();
      return agent;
    } catch (error) {
      await agent?.close();
      storage.journal.close();
      throw error;
    }
  }

  private constructor(deps: AgentDeps, storage: Storage, neighbours: Neighbours, mesh: AgentMesh) {
    const { config, clock, logger } = deps;
    this.#deps = deps;
    this.#storage = storage;
    this.#mesh = mesh;
    this.#startedMs = clock.monotonicMs();
    this.#cloud = deps.openCloud?.() ?? null;
    this.#clock = guardClock({
      clock,
      meta: storage.meta,
      logger,
      readings: () => this.#hub.clockReadings(),
      upstream: () => this.#sync.upstream().node,
      onJump: (byMs) => this.#alarm('clock-jumped', `The clock was set by ${byMs} ms.`),
    });
    storage.useClock(this.#clock);
    this.#view = viewReplica({ replica: storage.replica, clock: this.#clock, logger });
    this.#events = new EventStream(clock, clock.nowMs());
    this.#unreadable = new Unreadable(storage.deadLetters, logger, () => clock.monotonicMs());
    this.#metrics = createMetrics(
      () => this.#status(),
      () => ({ unparsable: this.#unreadable.counts, refusedIdentities: neighbours.refused }),
    );
    this.#hub = this.#joinHub();
    this.#live = new LiveGossip(config.node, this.#hub, this.#clock);
    this.#sync = createSync({
      config,
      storage,
      clock: this.#clock,
      random: deps.random,
      logger,
      hub: this.#hub,
      mesh,
      cloud: this.#cloud,
      unreadable: this.#unreadable,
      applyEvent: (node, event) => this.#admission?.applyEvent({ node }, event),
      onFeedChange: () => neighbours.refresh(mesh),
    });
    this.#admission = config.role === 'screen' ? null : this.#openGate();
    this.#hub.start();
    this.#sync.start();
    this.#tellStatus();
  }

  get port(): number {
    return this.#http?.port ?? 0;
  }

  get meshPort(): number {
    return this.#mesh.port;
  }

  /** Stops taking scans, lets those under way finish, closes everything. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#statusTimer?.cancel();
    this.#events.close();
    await this.#http?.close();
    this.#admission?.close();
    this.#sync.close();
    this.#hub.close();
    this.#clock.close();
    await Promise.all([this.#mesh.close(), this.#cloud?.close()]);
    this.#storage.journal.close();
  }

  #joinHub(): MeshHub {
    const { config, clock } = this.#deps;
    return new MeshHub({
      self: { node: config.node, role: config.role, boot: this.#storage.boot },
      channel: {
        peers: () => this.#mesh.peers(),
        send: (to, message) => this.#sync.send(to, message),
      },
      clock,
      heartbeat: () => ({
        recovering: this.#admission?.recovering() ?? false,
        configEpochs: (this.#admission?.configEpochs() ?? []).slice(0, 16),
        ...this.#sync.positions(),
      }),
      onMessage: (from, message) => this.#onMessage(from, message),
      onPeer: (peer, alive) => this.#onPeer(peer, alive),
    });
  }

  #openGate(): AdmissionService {
    const { config, random, logger } = this.#deps;
    return buildAdmission({
      config,
      storage: this.#storage,
      clock: this.#clock,
      random,
      logger,
      view: this.#view,
      hub: this.#hub,
      flush: () => this.#sync.flush(),
      onVerdict: (verdict) => {
        this.#metrics.verdict(verdict);
        this.#events.publish('verdict', verdict);
      },
    });
  }

  #onMessage(from: NodeId, message: Message): void {
    if (message.type === 'hello') this.#clock.judge();
    this.#admission?.onMessage(from, message);
    this.#sync.onMeshMessage(from, message);
    this.#live.onMessage(from, message);
  }

  #onPeer(peer: NodeId, alive: boolean): void {
    if (!alive) this.#admission?.onPeerLost(peer);
    this.#sync.onMeshPeer(peer, alive);
    if (alive) this.#live.onPeer(peer);
  }

  #alarm(code: Extract<EventBody, { kind: 'alarm' }>['code'], detail: string): void {
    const gate = this.#deps.config.node;
    try {
      this.#storage.events.append({ kind: 'alarm', code, detail, gate, atMs: this.#clock.nowMs() });
      this.#sync.flush();
    } catch (error) {
      this.#deps.logger.warn('alarm-not-kept', { code, reason: String(error) });
    }
  }

  #status(): Status {
    const { node, role, theatreNo } = this.#deps.config;
    return statusOf({
      config: { node, role, theatreNo },
      version: this.#deps.version,
      startedMs: this.#startedMs,
      storage: this.#storage,
      clock: this.#clock,
      hub: this.#hub,
      upstream: () => this.#sync.upstream(),
      counts: () => this.#admission?.counts() ?? null,
      recovering: () => this.#admission?.recovering() ?? false,
    });
  }

  #tellStatus(): void {
    this.#statusTimer = this.#deps.clock.setTimer('tell-status', statusEveryMs, () => {
      this.#tellStatus();
      if (this.#events.readers > 0) this.#events.tell('status', this.#status());
    });
  }

  async #serve(): Promise<void> {
    const noCounts = { byShow: new Map<number, number>() };
    this.#http = await serveLocalApi(
      {
        admission: this.#admission,
        shows: () => showsOfToday(this.#view, this.#admission?.counts() ?? noCounts, this.#clock),
        status: () => this.#status(),
        checkHealth: () => this.#storage.meta.put('health-checked-ms', this.#clock.nowMs()),
        events: this.#events,
        metrics: this.#metrics,
        logger: this.#deps.logger,
      },
      this.#deps.config.listen,
    );
  }
}
