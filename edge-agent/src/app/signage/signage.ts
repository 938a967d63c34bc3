import type { Refusal, SyncNode } from '@foyer/cloud-sync/engine';
import type {
  FeedName,
  FeedRow,
  LiveState,
  LiveView,
  Message,
  NodeId,
  SignageView,
} from '@foyer/contracts';
import type { Clock, Logger, Timer } from '@foyer/platform';
import type { EventStream } from '../../adapters/http/event-stream.ts';
import type { SignageApi } from '../../adapters/http/signage-api.ts';
import type { AgentConfig } from '../../config.ts';
import { foldLiveView, isFolded, type LiveNode } from '../../domain/live-view.ts';
import type { LiveGossip, LiveValues } from '../live-gossip.ts';
import type { MeshHub } from '../mesh-hub.ts';
import type { HouseView } from '../replica-view.ts';
import type { Storage } from '../storage.ts';
import { Commands } from './commands.ts';
import { Delays } from './delays.ts';
import { Emergencies, emergencyTopic } from './emergencies.ts';
import { LiveFeed } from './live-feed.ts';
import { Plays, type SealPlays } from './plays.ts';
import { ProgrammeKeeper } from './programme.ts';
import { Screens } from './screens.ts';
import { SoldToday } from './sold.ts';

export interface SignageDeps {
  config: Pick<AgentConfig, 'node' | 'role'>;
  storage: Pick<Storage, 'journal' | 'meta' | 'signage'>;
  clock: Clock;
  logger: Logger;
  view: HouseView;
  sync: SyncNode;
  hub: Pick<MeshHub, 'send' | 'reachable' | 'peers'>;
  live: LiveGossip;
  stream: EventStream;
  seal: SealPlays | null;
  /** What this node tells of its gate; {} where it is none. */
  gateValues: () => LiveValues;
  recovering: () => boolean;
  onRefused: (refusal: Refusal) => void;
}

/** Own values that changed are told together after so long. */
const gatherMs = 100;

/** Everything that this agent does for screens: its parts, put together. */
export class Signage implements SignageApi {
  readonly #deps: SignageDeps;
  readonly #programme: ProgrammeKeeper;
  readonly #screens: Screens;
  readonly #plays: Plays;
  readonly #emergencies: Emergencies;
  readonly #delays: Delays;
  readonly #commands: Commands;
  readonly #feed: LiveFeed;
  readonly #sold: SoldToday;
  readonly #toldTopics = new Set<string>();
  #queue: { waiting: number; atMs: number } | null = null;
  #timer: Timer | null = null;

  constructor(deps: SignageDeps) {
    const { config, storage, clock, sync, view, live, hub, stream } = deps;
    const { node, role } = config;
    const { journal, meta, signage: stores } = storage;
    const { events } = sync;
    const isMember = (one: NodeId): boolean => this.#isMember(one);
    const rows = (): readonly FeedRow<'screen'>[] => this.#programme.screens();
    this.#deps = deps;
    this.#programme = new ProgrammeKeeper(sync.replica);
    this.#sold = new SoldToday(sync.replica, view);
    this.#feed = new LiveFeed(
      { clock, stream, fold: () => this.#fold(), hash: () => this.#program()?.hash ?? null },
      role === 'screen',
    );
    const shared = { ...deps, node, role, journal, meta, events, isMember };
    this.#screens = new Screens({
      ...shared,
      store: stores.screens,
      rows,
      state: (one, topic) => live.get(one, topic),
    });
    this.#plays = new Plays({
      ...shared,
      store: stores.plays,
      isOurs: (screenId) => this.#screens.isOurs(screenId),
    });
    this.#emergencies = new Emergencies({
      ...shared,
      store: stores.emergencies,
      onChange: () => this.#tellNow(),
    });
    this.#delays = new Delays({
      ...shared,
      store: stores.delays,
      show: (showNo) => view.show(showNo),
      states: () => live.all(),
    });
    this.#commands = new Commands({
      ...shared,
      row: (screenId) => this.#screens.row(screenId),
      send: (peer, message) => hub.send(peer, message),
      reachable: () => hub.reachable(),
      publish: (command) => stream.publish('command', command),
    });
  }

  start(): void {
    this.#plays.start();
    this.#tellNow();
  }

  close(): void {
    this.#timer?.cancel();
    this.#feed.close();
    this.#plays.close();
  }

  // -- what the agent tells it -------------------------------------------------------------------

  /** Each second: what is told anyhow, and what is to be forgotten. */
  tick(): LiveValues {
    this.#emergencies.tend();
    this.#delays.tend();
    this.#feed.touch();
    const { config, clock } = this.#deps;
    if (config.role === 'screen') return this.#values();
    return { ...this.#values(), sold: this.#sold.count(clock.nowMs()) };
  }

  /** A value of this node changed: all hear of it within 100 ms. */
  touch(): void {
    this.#timer ??= this.#deps.clock.setTimer('tell-live', gatherMs, () => {
      this.#timer = null;
      const { config, live, gateValues, clock } = this.#deps;
      const sold = config.role === 'theatre' ? { sold: this.#sold.count(clock.nowMs()) } : null;
      live.tell({ ...gateValues(), ...sold, ...this.#values() });
      this.#feed.touch();
    });
  }

  /** A peer's value was taken. */
  onValue(state: LiveState): void {
    if (state.topic.startsWith(emergencyTopic)) this.#emergencies.hear(state);
    if (isFolded(state.topic)) this.#feed.touch();
  }

  /** A peer began or ceased to answer. */
  onPeer(): void {
    this.#feed.touch();
  }

  onRows(feed: FeedName): void {
    if (feed === 'house') this.#feed.touch();
    else if (feed === 'tickets' && this.#deps.config.role === 'theatre') this.touch();
  }

  /** This node's events were numbered anew. */
  onRenumbered(): void {
    this.#plays.sealAgain();
  }

  onMessage(from: NodeId, message: Message): void {
    this.#commands.onMessage(from, message);
  }

  // -- the local API -----------------------------------------------------------------------------

  view(): SignageView {
    this.#feed.want();
    const nowMs = Math.round(this.#deps.clock.nowMs());
    return { programme: this.#program(), live: this.#fold(), nowMs };
  }

  takePlays: SignageApi['takePlays'] = (plays) => this.#plays.take(plays);

  screens: SignageApi['screens'] = () => this.#screens.all();

  report: SignageApi['report'] = (screenId, report) => {
    const done = this.#screens.report(screenId, report);
    this.touch();
    return done;
  };

  picture: SignageApi['picture'] = (screenId, picture) => {
    const done = this.#screens.picture(screenId, picture);
    this.touch();
    return done;
  };

  raise: SignageApi['raise'] = (request) => this.#emergencies.raise(request);

  emergencies: SignageApi['emergencies'] = () => {
    const screens = this.#screens.all();
    return this.#fold().emergencies.map((emergency) => {
      const shownBy = screens.flatMap(({ screenId, report }) =>
        report?.emergencyId === emergency.emergencyId ? [{ screenId, atMs: report.atMs }] : [],
      );
      return { ...emergency, shownBy };
    });
  };

  delay: SignageApi['delay'] = (request) => {
    const done = this.#delays.tell(request);
    this.touch();
    return done;
  };

  queue: SignageApi['queue'] = ({ waiting }) => {
    const atMs = Math.round(this.#deps.clock.nowMs());
    this.#queue = { waiting, atMs };
    this.touch();
    return { atMs };
  };

  sendCommand: SignageApi['sendCommand'] = (request) => this.#commands.send(request);

  command: SignageApi['command'] = (commandId) => this.#commands.state(commandId);

  answerCommand: SignageApi['answerCommand'] = (result) => this.#commands.answer(result);

  /** The hash of the programme that screens follow; null where there is none. */
  get programmeHash(): string | null {
    return this.#program()?.hash ?? null;
  }

  // -- parts -------------------------------------------------------------------------------------

  #program() {
    return this.#programme.get(this.#deps.clock.nowMs());
  }

  #isMember(node: NodeId): boolean {
    const { view } = this.#deps;
    return view.nodes().length === 0 || view.node(node)?.status === 'active';
  }

  #tellNow(): void {
    const { live, gateValues } = this.#deps;
    live.tell({ ...gateValues(), ...this.#values() });
    this.#feed.flush();
  }

  /** What this node tells beside its gate's; what it told before and has no more is null. */
  #values(): LiveValues {
    const values: Record<string, LiveState['value']> = {
      ...this.#screens.values(),
      ...this.#emergencies.values(),
      ...this.#delays.values(),
    };
    if (this.#queue !== null) values['queue'] = this.#queue;
    for (const topic of this.#toldTopics) values[topic] ??= null;
    for (const [topic, value] of Object.entries(values)) {
      if (value === null) this.#toldTopics.delete(topic);
      else this.#toldTopics.add(topic);
    }
    return values;
  }

  #nodes(): LiveNode[] {
    const { config, view, hub, clock, recovering } = this.#deps;
    const alive = new Set(hub.reachable());
    const [nowMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
    return view
      .nodes()
      .filter(({ status }) => status === 'active')
      .map(({ nodeId: node, role }) => {
        if (node === config.node) {
          return { node, role, alive: true, recovering: recovering(), heardMs: nowMs };
        }
        const peer = hub.peers.get(node);
        const ageMs = hub.peers.lastHeardAgoMs(node, monotonicMs);
        return {
          node,
          role,
          alive: alive.has(node),
          recovering: peer?.heartbeat?.recovering ?? false,
          heardMs: ageMs === null ? null : nowMs - ageMs,
        };
      });
  }

  #fold(): LiveView {
    return foldLiveView({
      states: this.#deps.live.all(),
      nodes: this.#nodes(),
      emergencies: this.#emergencies.active(),
      nowMs: Math.round(this.#deps.clock.nowMs()),
    });
  }
}
