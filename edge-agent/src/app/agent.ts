import { RefusalLog } from '@foyer/cloud-sync/engine';
import { FoyerError } from '@foyer/contracts';
import type { LiveState, Message, NodeId, Role, Status } from '@foyer/contracts';
import type { Clock, Link, Logger, Random, Timer } from '@foyer/platform';
import { EventStream } from '../adapters/http/event-stream.ts';
import type { LocalApiParts } from '../adapters/http/local-api.ts';
import { createMetrics, type Metrics } from '../adapters/http/metrics.ts';
import type { AgentConfig } from '../config.ts';
import { timeFor } from '../domain/admission/messages.ts';
import type { AdmissionService, ReceivedEvent } from '../domain/admission/ports.ts';
import { buildAdmission } from './admission.ts';
import type { ThingParts } from './control/open.ts';
import type { Thing } from './control/thing.ts';
import { guardClock, type GuardedClock } from './guarded-clock.ts';
import { guestValues, LiveGossip, liveValues } from './live-gossip.ts';
import { MeshHub } from './mesh-hub.ts';
import { Neighbours, type AgentMesh, type MeshWishes } from './neighbours.ts';
import { reportQuarantine } from './quarantine-report.ts';
import { viewReplica, type HouseView } from './replica-view.ts';
import { Rounds } from './rounds.ts';
import { areDoorsOpen, showsOfToday } from './shows.ts';
import { Signage, type SealPlays } from './signage/index.ts';
import { statusOf } from './status.ts';
import { openStorage, type OpenJournal, type Storage } from './storage.ts';
import { sturdyClock } from './sturdy-clock.ts';
import { AgentSync } from './sync.ts';

/** What answers the requests of this machine's programs. */
export interface ApiServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface AgentDeps {
  config: AgentConfig;
  version: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  openJournal: OpenJournal;
  openMesh(wishes: MeshWishes): Promise<AgentMesh>;
  /** Serves the local API. */
  serveApi(parts: LocalApiParts): Promise<ApiServer>;
  /** Opens the link to the cloud; null for all but a theatre agent. */
  openCloud: (() => Link) | null;
  /** Opens this node's shadow and jobs in AWS IoT; without it there are none. */
  openThing?: ((parts: ThingParts) => Thing) | null;
  /** Seals plays with the key of this node's certificate; without it they are not sealed. */
  sealPlays?: SealPlays;
  /** The database is damaged: nothing can be decided until a new start has set it aside. */
  onDamage: () => void;
}

const statusEveryMs = 1000;
const quietStatusEveryMs = 30_000;
/** After the first verdicts of a start, which somebody waits for. */
const warmUpAfterMs = 1500;

const noCounts = { byShow: new Map<number, number>() };

/** One agent, running: its parts, put together. What they do is in the parts. */
export class Agent {
  readonly #deps: AgentDeps;
  readonly #startedMs: number;
  readonly #storage: Storage;
  readonly #neighbours: Neighbours;
  readonly #mesh: AgentMesh;
  readonly #clock: GuardedClock;
  readonly #sync: AgentSync;
  readonly #view: HouseView;
  readonly #events: EventStream;
  readonly #metrics: Metrics;
  readonly #refusals: RefusalLog;
  readonly #hub: MeshHub;
  readonly #live: LiveGossip;
  readonly #admission: AdmissionService | null;
  readonly #signage: Signage;
  #api: ApiServer | null = null;
  #thing: Thing | null = null;
  readonly #statusRounds: Rounds;
  #warmUpTimer: Timer | null = null;
  #closing: Promise<void> | null = null;

  /** Opens the database, joins the mesh, serves the local API. */
  static async start(given: AgentDeps): Promise<Agent> {
    const clock = sturdyClock(given.clock, given.logger, given.onDamage);
    const deps = { ...given, clock };
    let metrics: Metrics | null = null;
    const storage = openStorage({ ...deps, onCommit: (seconds) => metrics?.commit(seconds) });
    const neighbours = new Neighbours(deps.config);
    let agent: Agent | null = null;
    try {
      const mesh = await deps.openMesh(neighbours.wishes());
      agent = new Agent(deps, storage, neighbours, mesh);
      metrics = agent.#metrics;
      agent.#open();
      await agent.#serve();
      return agent;
    } catch (error) {
      await agent?.close();
      storage.journal.close();
      throw error;
    }
  }

  private constructor(deps: AgentDeps, storage: Storage, neighbours: Neighbours, mesh: AgentMesh) {
    const { config, clock, logger, random } = deps;
    this.#deps = deps;
    this.#storage = storage;
    this.#neighbours = neighbours;
    this.#mesh = mesh;
    this.#startedMs = clock.monotonicMs();
    this.#clock = guardClock({
      clock,
      meta: storage.meta,
      logger,
      readings: () => this.#hub.clockReadings(),
      upstream: () => this.#sync.upstreamNode,
      isQuiet: () => this.#hub.isQuiet,
      onJump: (byMs) => this.#reportJump(byMs),
    });
    this.#sync = new AgentSync({
      config,
      journal: storage.journal,
      clock: this.#clock,
      random,
      logger,
      mesh,
      cloud: deps.openCloud?.() ?? null,
      applyEvent: (node, event) => this.#admission?.applyEvent({ node }, event),
      mayBe: (node, role) => this.#mayBe(node, role),
      roleOf: (node) => this.#view.node(node)?.role ?? null,
      onRefused: (refusal) => this.#metrics.refusedMessage(refusal),
      onForked: () => {
        this.#admission?.distrustDisk();
        this.#signage.onRenumbered();
      },
      onRows: (feed) => {
        this.#hub.wake();
        if (feed === 'house') {
          neighbours.refresh(mesh);
          this.#admission?.onHouse();
        }
        this.#signage.onRows(feed);
      },
      onMeshMessage: (from, message) => this.#hub.receive(from, message),
      onMeshPeer: (peer, connected) => this.#hub.connection(peer, connected),
    });
    this.#view = viewReplica(this.#sync.node.replica, this.#clock);
    this.#events = new EventStream(clock, clock.nowMs());
    this.#metrics = createMetrics(
      () => this.#status(),
      () => {
        const { links, droppedEvents } = this.#sync.node.status();
        return { links, droppedEvents, refusedIdentities: neighbours.refused };
      },
    );
    const onRefused: Metrics['refusedMessage'] = (one) => this.#metrics.refusedMessage(one);
    this.#refusals = new RefusalLog({ clock, logger, onRefused });
    this.#hub = this.#makeHub();
    this.#live = new LiveGossip({
      self: config.node,
      hub: this.#hub,
      clock: this.#clock,
      onRefused: (refusal) => this.#refusals.note(refusal),
      onTaken: (state) => this.#signage.onValue(state),
    });
    this.#admission = config.role === 'screen' ? null : this.#openGate();
    this.#signage = this.#makeSignage();
    this.#statusRounds = this.#makeStatusRounds();
  }

  get port(): number {
    return this.#api?.port ?? 0;
  }
  get meshPort(): number {
    return this.#mesh.port;
  }
  /** True while the doors of a show are open here. */
  get isAdmitting(): boolean {
    return this.#admission !== null && areDoorsOpen(this.#view, this.#clock.nowMs());
  }
  /** The last value of each topic of each node of the theatre. */
  get liveStates(): LiveState[] {
    return this.#live.all();
  }

  /** Stops taking scans, lets those under way finish, closes everything. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#statusRounds.close();
    this.#warmUpTimer?.cancel();
    this.#signage.close();
    this.#events.close();
    await this.#api?.close();
    await this.#thing?.close();
    this.#admission?.close();
    this.#hub.close();
    this.#clock.close();
    await this.#sync.close();
    await this.#mesh.close();
    this.#storage.journal.close();
  }

  /** Every part stands: what was salvaged is taken in, and the links begin to talk. */
  #open(): void {
    const { quarantined, journal } = this.#storage;
    const { config, logger } = this.#deps;
    if (quarantined !== null) {
      const { events } = this.#sync.node;
      const clock = this.#clock;
      const { node } = config;
      const apply = (event: ReceivedEvent): void => this.#admission?.applyEvent({ node }, event);
      reportQuarantine({ path: quarantined, node, journal, events, apply, clock, logger });
      this.#signage.onRenumbered();
    }
    this.#neighbours.follow(this.#view, this.#mesh);
    this.#sync.start();
    this.#hub.start();
    this.#signage.start();
    this.#statusRounds.start();
    this.#openThing();
    this.#warmUpTimer = this.#deps.clock.setTimer('warm-up', warmUpAfterMs, () => this.#warmUp());
  }

  #openThing(): void {
    const { openThing, clock, logger } = this.#deps;
    const { control: store } = this.#storage;
    const programme = (): string | null => this.#signage.programmeHash;
    this.#thing = openThing?.({ store, clock, logger, programme }) ?? null;
    this.#thing?.start();
  }

  #checkOpen(): void {
    if (this.#storage.control.mode() === 'open') return;
    throw new FoyerError('gate-closed', 'This gate is closed: it admits nobody.');
  }

  // What takes long the first time is done before a guest has to wait for it.
  #warmUp(): void {
    const theatre = this.#view.theatre();
    if (theatre === null) return;
    const nowMs = this.#clock.nowMs();
    timeFor(theatre.timeZone, nowMs, nowMs);
    showsOfToday(this.#view, noCounts, this.#clock);
  }

  #makeHub(): MeshHub {
    const { config, clock } = this.#deps;
    return new MeshHub({
      self: { node: config.node, role: config.role, boot: this.#storage.boot },
      channel: this.#sync,
      clock,
      mayBe: (node, role) => this.#mayBe(node, role),
      onRefused: (refusal) => this.#refusals.note(refusal),
      heartbeat: () => ({
        ...this.#sync.node.heartbeat(),
        upstream: this.#sync.upstreamKind((node) => this.#hub.peers.get(node)),
        recovering: this.#admission?.recovering() ?? false,
        configEpochs: (this.#admission?.configEpochs() ?? []).slice(0, 16),
      }),
      onMessage: (from, message) => this.#onMessage(from, message),
      onPeer: (peer, alive) => this.#onPeer(peer, alive),
      onBeat: (alive) => this.#sync.follow(alive),
      onWoken: () => this.#catchUp(),
    });
  }

  #mayBe(node: NodeId, role: Role): boolean {
    return this.#neighbours.mayBe(node, role, this.#view, this.#mesh);
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
      events: this.#sync.node.events,
      onRefused: (refusal) => this.#refusals.note(refusal),
      onAsked: () => {
        this.#hub.wake();
        this.#clock.catchUp();
      },
      onVerdict: (verdict) => {
        this.#metrics.verdict(verdict);
        this.#events.publish('verdict', verdict);
        if (verdict.colour === 'green') this.#signage.touch();
      },
    });
  }

  #makeSignage(): Signage {
    const { config, logger, sealPlays } = this.#deps;
    return new Signage({
      config,
      storage: this.#storage,
      clock: this.#clock,
      logger,
      view: this.#view,
      sync: this.#sync.node,
      hub: this.#hub,
      live: this.#live,
      stream: this.#events,
      seal: sealPlays ?? null,
      gateValues: () => guestValues(this.#admission),
      recovering: () => this.#admission?.recovering() ?? false,
      onRefused: (refusal) => this.#refusals.note(refusal),
    });
  }

  #onMessage(from: NodeId, message: Message): void {
    if (message.type === 'hello') this.#clock.judge();
    this.#admission?.onMessage(from, message);
    this.#live.onMessage(from, message);
    this.#signage.onMessage(from, message);
  }

  #onPeer(peer: NodeId, alive: boolean): void {
    if (alive) this.#live.onPeer(peer);
    else this.#admission?.onPeerLost(peer);
    this.#signage.onPeer();
  }

  #reportJump(byMs: number): void {
    const gate = this.#deps.config.node;
    const detail = `The clock of the machine was set by ${byMs} ms.`;
    try {
      this.#sync.node.events.append({
        kind: 'alarm',
        code: 'clock-jumped',
        detail,
        gate,
        atMs: this.#clock.nowMs(),
      });
    } catch (error) {
      this.#deps.logger.warn('alarm-not-kept', { reason: String(error) });
    }
  }

  #status(): Status {
    const { node, role, theatreNo } = this.#deps.config;
    return statusOf({
      config: { node, role, theatreNo },
      version: this.#deps.version,
      boot: this.#storage.boot,
      startedMs: this.#startedMs,
      clock: this.#clock,
      hub: this.#hub,
      sync: this.#sync,
      counts: this.#admission?.counts() ?? null,
      recovering: this.#admission?.recovering() ?? false,
    });
  }

  /** The quiet is over: what it put off is made up for. */
  #catchUp(): void {
    this.#clock.catchUp();
    this.#statusRounds.catchUp();
  }

  #makeStatusRounds(): Rounds {
    return new Rounds({
      clock: this.#deps.clock,
      name: 'tell-status',
      everyMs: statusEveryMs,
      quietEveryMs: quietStatusEveryMs,
      isQuiet: () => this.#hub.isQuiet && this.#events.readers === 0,
      work: () => {
        const values = liveValues(this.#admission, this.#sync.upstreamNode);
        this.#live.tell({ ...values, ...this.#signage.tick() });
        if (this.#events.readers > 0) this.#events.tell('status', this.#status());
      },
    });
  }

  async #serve(): Promise<void> {
    const admission = this.#admission;
    this.#api = await this.#deps.serveApi({
      admission,
      checkOpen: () => this.#checkOpen(),
      signage: this.#signage,
      shows: () => showsOfToday(this.#view, admission?.counts() ?? noCounts, this.#clock),
      status: () => this.#status(),
      checkHealth: () => this.#storage.meta.put('health-checked-ms', this.#clock.nowMs()),
      events: this.#events,
      metrics: this.#metrics,
      logger: this.#deps.logger,
      onDamage: this.#deps.onDamage,
    });
  }
}
