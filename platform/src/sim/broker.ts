import { everyNode } from '@foyer/contracts';

import type { Clock } from '../clock.ts';
import type { Link, LinkLimits } from '../link.ts';
import type { Behaviour, NetworkCounts, Weather } from './network.ts';
import { Meters } from './meters.ts';
import type { SimRandom } from './random.ts';

/** How a broker treats what it cannot deliver at once. */
export interface BrokerManners extends Behaviour {
  /** Payloads for a client that is away are kept: a persistent session. */
  keepsSessions: boolean;
  /** Kept payloads that a client gets a second when it is back. */
  replayPerS: number;
  /** Payloads that it keeps for one client; what exceeds it is dropped. */
  maxKept: number;
}

/** The hub of the star: it hears every other client, and they hear nobody else. */
export const hubName = 'cloud';

class BrokerClient implements Link {
  readonly limits: LinkLimits;
  readonly name: string;
  readonly #broker: SimBroker;
  receive: (peer: string, payload: Uint8Array) => void = () => {};
  notice: (peer: string, connected: boolean) => void = () => {};
  open = true;
  inFlight = 0;

  constructor(broker: SimBroker, name: string, limits: LinkLimits) {
    this.#broker = broker;
    this.name = name;
    this.limits = limits;
  }

  peers(): readonly string[] {
    return this.#broker.peersOf(this);
  }

  send(peer: string, payload: Uint8Array): boolean {
    return this.#broker.publish(this, peer, payload);
  }

  onPayload(listener: (peer: string, payload: Uint8Array) => void): void {
    this.receive = listener;
  }

  onPeer(listener: (peer: string, connected: boolean) => void): void {
    this.notice = listener;
    for (const peer of this.peers()) listener(peer, true);
  }

  close(): Promise<void> {
    this.#broker.leave(this);
    return Promise.resolve();
  }
}

interface Kept {
  from: string;
  payload: Uint8Array;
}

interface Session {
  client: BrokerClient | null;
  /** The cable between client and broker. */
  cable: boolean;
  kept: Kept[];
}

/**
 * An MQTT broker between nodes and the cloud in virtual time. What it takes it has acknowledged;
 * whether it delivers is another matter: it forgets, replays slowly, and keeps no order.
 */
export class SimBroker {
  readonly counts: NetworkCounts = {
    sent: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    discarded: 0,
    refused: 0,
    bytes: 0,
  };
  weather: Weather;
  readonly #clock: Clock;
  readonly #random: SimRandom;
  readonly #manners: BrokerManners;
  readonly #sessions = new Map<string, Session>();
  readonly #meters: Meters;
  readonly #lastArrivalMs = new Map<string, number>();
  #up = true;
  /** What was under way when the broker died is gone with it. */
  #life = 0;

  constructor(options: {
    clock: Clock;
    random: SimRandom;
    manners: BrokerManners;
    weather: Weather;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#manners = options.manners;
    this.weather = options.weather;
    this.#meters = new Meters(options.clock);
  }

  /** Joins under a name, in place of whoever had it. */
  join(name: string): Link {
    const session = this.#session(name);
    if (session.client !== null) this.leave(session.client);
    const client = new BrokerClient(this, name, this.#manners.limits);
    session.client = client;
    this.#clock.setTimer(`mqtt connect ${name}`, 0, () => {
      if (session.client === client && this.#online(session)) this.#welcome(session);
    });
    return client;
  }

  leave(client: BrokerClient): void {
    if (!client.open) return;
    client.open = false;
    const session = this.#session(client.name);
    if (session.client === client) session.client = null;
  }

  /** Pulls or plugs the cable between a client and the broker. */
  setCable(name: string, plugged: boolean): void {
    const session = this.#session(name);
    if (session.cable === plugged) return;
    const before = this.#online(session);
    session.cable = plugged;
    this.#changed(session, before);
  }

  /** The broker dies; `forgets` what it had acknowledged and kept, too. */
  kill(forgets: boolean): void {
    if (!this.#up) return;
    const before = new Map([...this.#sessions.values()].map((one) => [one, this.#online(one)]));
    this.#up = false;
    this.#life += 1;
    for (const session of this.#sessions.values()) {
      if (forgets) session.kept = [];
      this.#changed(session, before.get(session) ?? false);
    }
  }

  start(): void {
    if (this.#up) return;
    this.#up = true;
    for (const session of this.#sessions.values()) this.#changed(session, false);
  }

  /** The broker ends a client's session: what it kept for it is gone. */
  loseSession(name: string): void {
    this.#session(name).kept = [];
  }

  /** Payloads that wait in the broker. */
  get kept(): number {
    return [...this.#sessions.values()].reduce((sum, { kept }) => sum + kept.length, 0);
  }

  peersOf(client: BrokerClient): string[] {
    const session = this.#session(client.name);
    if (session.client !== client || !this.#online(session)) return [];
    if (client.name !== hubName) return [hubName];
    return [...this.#sessions.keys()].filter(
      (name) => name !== hubName && this.#online(this.#session(name)),
    );
  }

  publish(from: BrokerClient, to: string, payload: Uint8Array): boolean {
    const session = this.#session(from.name);
    const { limits } = from;
    const knows = from.name === hubName || to === hubName;
    const taken =
      knows &&
      session.client === from &&
      this.#online(session) &&
      payload.byteLength <= limits.maxPayloadBytes &&
      from.inFlight < limits.maxInFlight;
    if (!taken) {
      this.counts.refused += 1;
      return false;
    }
    if (!this.#meters.take(from.name, to, payload.byteLength, limits)) {
      this.counts[this.#manners.silentDiscard ? 'discarded' : 'refused'] += 1;
      return this.#manners.silentDiscard;
    }
    this.counts.sent += 1;
    this.counts.bytes += payload.byteLength;
    for (const name of this.#receiversOf(to)) {
      const copies = this.#random.chance(this.weather.duplication) ? 2 : 1;
      this.counts.duplicated += copies - 1;
      for (let copy = 0; copy < copies; copy += 1) this.#carry(from, name, payload);
    }
    return true;
  }

  /** Puts a payload in as if `from` had sent it. */
  inject(from: string, to: string, payload: Uint8Array): void {
    const session = this.#sessions.get(to);
    if (session?.client?.open === true && this.#online(session))
      session.client.receive(from, payload);
  }

  #receiversOf(to: string): string[] {
    if (!to.endsWith(`/${everyNode}`)) return [to];
    const prefix = to.slice(0, -everyNode.length);
    return [...this.#sessions.keys()].filter((name) => name.startsWith(prefix));
  }

  #carry(from: BrokerClient, to: string, payload: Uint8Array): void {
    if (this.#random.chance(this.weather.loss)) {
      this.counts.lost += 1;
      return;
    }
    const { minDelayMs, maxDelayMs, reorder } = this.weather;
    const nowMs = this.#clock.monotonicMs();
    let atMs = nowMs + minDelayMs + this.#random.float() * (maxDelayMs - minDelayMs);
    const way = `${from.name} ${to}`;
    if (!reorder) atMs = Math.max(atMs, this.#lastArrivalMs.get(way) ?? 0);
    this.#lastArrivalMs.set(way, atMs);
    from.inFlight += 1;
    const life = this.#life;
    this.#clock.setTimer(`mqtt ${way}`, atMs - nowMs, () => {
      from.inFlight -= 1;
      if (life === this.#life) this.#deliver({ from: from.name, payload }, to);
      else this.counts.lost += 1;
    });
  }

  #deliver(message: Kept, to: string): void {
    const session = this.#session(to);
    if (session.client !== null && this.#online(session)) {
      this.counts.delivered += 1;
      session.client.receive(message.from, message.payload);
    } else if (this.#manners.keepsSessions && session.kept.length < this.#manners.maxKept) {
      session.kept.push(message);
    } else this.counts.lost += 1;
  }

  #changed(session: Session, before: boolean): void {
    const after = this.#online(session);
    if (before === after || session.client === null) return;
    this.#tellHub(session.client, after);
    if (after) this.#welcome(session);
    else for (const peer of this.#counterparts(session.client)) session.client.notice(peer, false);
  }

  /** The cloud hears of a node no more, or again. */
  #tellHub(client: BrokerClient, connected: boolean): void {
    const hub = this.#sessions.get(hubName);
    if (client.name === hubName || hub === undefined || !this.#online(hub)) return;
    hub.client?.notice(client.name, connected);
  }

  #welcome(session: Session): void {
    const { client } = session;
    if (client === null) return;
    for (const peer of this.#counterparts(client)) client.notice(peer, true);
    this.#replay(session);
  }

  /** Kept payloads come one by one, in any order, beside what is new. */
  #replay(session: Session): void {
    if (session.kept.length === 0) return;
    this.#clock.setTimer('mqtt replay', 1000 / this.#manners.replayPerS, () => {
      const { client } = session;
      if (client === null || !this.#online(session)) return;
      const [message] = session.kept.splice(this.#random.int(session.kept.length), 1);
      if (message !== undefined) {
        this.counts.delivered += 1;
        client.receive(message.from, message.payload);
      }
      this.#replay(session);
    });
  }

  #counterparts(client: BrokerClient): string[] {
    if (client.name !== hubName) return [hubName];
    return [...this.#sessions.keys()].filter((name) => name !== hubName);
  }

  #online(session: Session): boolean {
    return this.#up && session.cable && session.client?.open === true;
  }

  #session(name: string): Session {
    let session = this.#sessions.get(name);
    if (session === undefined) {
      session = { client: null, cable: true, kept: [] };
      this.#sessions.set(name, session);
    }
    return session;
  }
}
