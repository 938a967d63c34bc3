import type { AdmissionEvent, FeedName, Role } from '@foyer/contracts';
import { nucleusLiteLimits, type Journal, type Link } from '@foyer/platform';
import {
  simLogger,
  SimClock,
  SimDisk,
  SimNetwork,
  SimRandom,
  type Behaviour,
  type Weather,
} from '@foyer/platform/sim';

import { createSyncNode, sameDigest, type SyncLink, type SyncNode } from '../index.ts';
import { MiniCloud } from './mini-cloud.ts';

/** An agent under test: a node on a disk of its own, its links, and what it applied. */
export interface TestAgent {
  name: string;
  role: Role;
  disk: SimDisk;
  journal: Journal;
  node: SyncNode;
  mesh: SyncLink;
  /** Events of others that took effect, in the order that they did. */
  applied: string[];
}

export interface WorldOptions {
  seed: number;
  weather?: Weather;
  /** Of the link between cloud and theatre. */
  wan?: Behaviour;
  /** The theatre reaches the cloud through nucleus lite. */
  lite?: boolean;
  gates?: number;
}

const heartbeatMs = 500;
const roles: readonly Role[] = ['theatre', 'gate', 'screen'];

/** A cloud, a theatre agent and gates, in virtual time. */
export class World {
  readonly clock = new SimClock();
  readonly random: SimRandom;
  readonly logger = simLogger();
  readonly wan: SimNetwork;
  readonly lan: SimNetwork;
  readonly cloud: MiniCloud;
  readonly agents = new Map<string, TestAgent>();
  /** Every ledger event that was appended, by id. */
  readonly appended = new Set<string>();
  readonly #lite: boolean;
  #scans = 0;

  constructor(options: WorldOptions) {
    this.random = new SimRandom(options.seed);
    this.#lite = options.lite ?? false;
    const { clock } = this;
    const { weather } = options;
    this.wan = new SimNetwork({
      clock,
      random: this.random.fork('wan'),
      ...(weather === undefined ? {} : { weather }),
      ...(options.wan === undefined ? {} : { behaviour: options.wan }),
    });
    this.lan = new SimNetwork({
      clock,
      random: this.random.fork('lan'),
      ...(weather === undefined ? {} : { weather }),
    });
    const cloudLink = this.wan.join('cloud');
    this.cloud = new MiniCloud(cloudLink, clock, this.random.fork('cloud'), this.logger);
    this.start('theatre', 'theatre');
    for (let n = 1; n <= (options.gates ?? 1); n += 1) this.start(`gate-${n}`, 'gate');
  }

  agent(name: string): TestAgent {
    const agent = this.agents.get(name);
    if (agent === undefined) throw new Error(`no agent ${name}`);
    return agent;
  }

  /** Starts an agent on its disk; a new disk when it has none. */
  start(name: string, role: Role): TestAgent {
    const disk = this.agents.get(name)?.disk ?? new SimDisk({ migrations: [], synchronous: 'OFF' });
    const journal = disk.open();
    const applied: string[] = [];
    const node = createSyncNode({
      journal,
      clock: this.clock,
      random: this.random.fork(`${name} ${this.agents.size}`),
      logger: this.logger,
      self: { node: name, role },
      apply: (_origin, event) => {
        applied.push(event.eventId);
      },
    });
    const mesh = node.addLink({
      name: 'mesh',
      link: this.lan.join(name),
      roleOf: (peer) => roles.find((known) => peer.startsWith(known)) ?? null,
    });
    if (role === 'theatre') {
      const link = this.wan.join('1/theatre', (peer) => peer === 'cloud');
      const wan = this.#lite ? throughLite(link) : link;
      node.addLink({ name: 'wan', link: wan, roleOf: () => 'cloud' });
      node.setUpstream({ link: 'wan', peer: 'cloud' });
    } else {
      node.setUpstream({ link: 'mesh', peer: 'theatre' });
    }
    const agent = { name, role, disk, journal, node, mesh, applied };
    this.agents.set(name, agent);
    this.#beat(agent);
    return agent;
  }

  /** Ends an agent as kill -9 does. */
  kill(name: string): void {
    const agent = this.agent(name);
    void agent.node.close();
    agent.disk.crash();
  }

  /** A guest is admitted at an agent. */
  admit(name: string): string {
    const agent = this.agent(name);
    this.#scans += 1;
    const body: AdmissionEvent = {
      kind: 'admission',
      right: { ticketId: this.#scans.toString(16).padStart(16, '0'), n: 0 },
      showNo: 1,
      scanId: this.random.uuid(),
      gate: name,
      atMs: this.clock.nowMs(),
      flags: [],
      votes: [name],
      configEpoch: 1,
    };
    const { eventId } = agent.journal.transaction(() => agent.node.events.append(body));
    this.appended.add(eventId);
    return eventId;
  }

  /** Sells tickets: one commit. */
  async sell(tickets: number, showNo = 1): Promise<void> {
    const changes = Array.from({ length: tickets }, () => ({
      table: 'ticket' as const,
      row: ticketRow(this.random, showNo),
    }));
    this.cloud.source.commit('tickets', changes);
    await this.cloud.hint('tickets');
  }

  /** True when every agent has the cloud's rows, by digest, of a feed. */
  agrees(feed: FeedName): boolean {
    const state = this.cloud.source.feeds.get(feed);
    if (state === undefined) return false;
    return [...this.agents.values()].every(({ node }) => {
      const { epoch, cursor, digest } = node.replica.position(feed);
      return epoch === state.epoch && cursor === state.head && sameDigest(digest, state.digest);
    });
  }

  /** True when every admission took effect in the cloud, and all nodes know it to be durable. */
  settled(): boolean {
    const known = [...this.appended].every((id) => this.cloud.effects.has(id));
    return known && [...this.agents.values()].every(({ node }) => isDurable(node));
  }

  end(): void {
    for (const { node, disk } of this.agents.values()) {
      void node.close();
      disk.destroy();
    }
  }

  #beat(agent: TestAgent): void {
    this.clock.setTimer(`heartbeat ${agent.name}`, heartbeatMs, () => {
      if (this.agents.get(agent.name) !== agent) return;
      for (const peer of agent.mesh.peers()) {
        agent.mesh.send(peer, {
          type: 'heartbeat',
          boot: 1,
          wallMs: this.clock.nowMs(),
          recovering: false,
          configEpochs: [1],
          upstream: 'none',
          ...agent.node.heartbeat(),
        });
      }
      this.#beat(agent);
    });
  }
}

/** What nucleus lite makes of a link: it drops in silence what is too large. */
function throughLite(link: Link): Link {
  const { maxPayloadBytes, maxReceivedBytes = 0 } = nucleusLiteLimits;
  return {
    limits: nucleusLiteLimits,
    peers: () => link.peers(),
    send: (peer, payload) => payload.byteLength <= maxPayloadBytes && link.send(peer, payload),
    onPayload: (listener) =>
      link.onPayload((peer, payload) => {
        if (payload.byteLength <= maxReceivedBytes) listener(peer, payload);
      }),
    onPeer: (listener) => link.onPeer(listener),
    close: () => link.close(),
  };
}

function isDurable(node: SyncNode): boolean {
  return node.events
    .lanes()
    .every((lane) => lane.lane !== 'ledger' || lane.durableSeq === lane.lastSeq);
}

const referenceLetters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.split('');
const seatRows = 'ABCDEFGH'.split('');
const classes = ['adult', 'child', 'senior'];

export function ticketRow(random: SimRandom, showNo: number): Record<string, unknown> {
  const hex = Buffer.from(random.bytes(6)).toString('hex').slice(1);
  const ref = Array.from({ length: 8 }, () => random.pick(referenceLetters));
  return {
    ticketId: `00010${hex}`,
    bookingRef: ref.join(''),
    showNo,
    seat: `${random.pick(seatRows)}${random.int(20) + 1}`,
    ticketClass: random.pick(classes),
    status: 'valid',
    priceMinor: 900 + 100 * random.int(8),
  };
}
