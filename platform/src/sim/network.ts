import type { Clock } from '../clock.ts';
import { ioTCoreLimits, lanLimits } from '../limits.ts';
import type { Link, LinkLimits } from '../link.ts';
import { Meters } from './meters.ts';
import type { SimRandom } from './random.ts';

/** What happens to payloads on their way; times in milliseconds, chances in 0..1. */
export interface Weather {
  minDelayMs: number;
  maxDelayMs: number;
  loss: number;
  duplication: number;
  /** Payloads may overtake each other; without it each pair of nodes keeps its order. */
  reorder: boolean;
}

export const fineWeather: Weather = {
  minDelayMs: 1,
  maxDelayMs: 3,
  loss: 0,
  duplication: 0,
  reorder: false,
};

/** How a link meets its declared limits. */
export interface Behaviour {
  limits: LinkLimits;
  /**
   * Beyond the limits a second `send` still answers true and the payload is gone, as with IoT Core;
   * false: `send` answers false.
   */
  silentDiscard: boolean;
}

/** What AWS IoT Core does: refuses what is too large, silently drops what is too much. */
export const ioTCoreBehaviour: Behaviour = { limits: ioTCoreLimits, silentDiscard: true };
export const lanBehaviour: Behaviour = { limits: lanLimits, silentDiscard: false };

export interface SimNetworkOptions {
  clock: Clock;
  random: SimRandom;
  weather?: Weather;
  behaviour?: Behaviour;
}

/** What became of the payloads so far. */
export interface NetworkCounts {
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
  /** Dropped because a limit was exceeded. */
  discarded: number;
  /** Refused by `send`. */
  refused: number;
  bytes: number;
}

class SimLink implements Link {
  readonly limits: LinkLimits;
  readonly name: string;
  readonly #network: SimNetwork;
  readonly reach: (peer: string) => boolean;
  receive: (peer: string, payload: Uint8Array) => void = () => {};
  notice: (peer: string, connected: boolean) => void = () => {};
  open = true;
  /** Its peers were told of it, and it of them. */
  announced = false;
  /** The peers that it was told are connected. */
  readonly told = new Set<string>();
  inFlight = 0;

  constructor(network: SimNetwork, name: string, behaviour: Behaviour, reach: SimLink['reach']) {
    this.#network = network;
    this.name = name;
    this.limits = behaviour.limits;
    this.reach = reach;
  }

  peers(): readonly string[] {
    return this.#network.peersOf(this);
  }

  send(peer: string, payload: Uint8Array): boolean {
    return this.#network.carry(this, peer, payload);
  }

  onPayload(listener: (peer: string, payload: Uint8Array) => void): void {
    this.receive = listener;
  }

  onPeer(listener: (peer: string, connected: boolean) => void): void {
    this.notice = listener;
    if (!this.announced) return;
    for (const peer of this.peers()) listener(peer, true);
  }

  close(): Promise<void> {
    this.#network.leave(this);
    return Promise.resolve();
  }
}

/**
 * Links between named peers in virtual time. Everything random comes from the seed. Payloads are
 * carried as they are: as with a real link, nobody changes one that was handed over.
 */
export class SimNetwork {
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
  readonly #behaviour: Behaviour;
  readonly #links = new Map<string, SimLink>();
  readonly #cut = new Set<string>();
  /** Ways that swallow everything while both ends believe to be connected. */
  readonly #deaf = new Set<string>();
  /** Added to the time of all that a node sends: a clogged cable or a slow machine. */
  readonly #clogMs = new Map<string, number>();
  /** Nothing larger that a node sends arrives: a way whose largest packet nobody found out. */
  readonly #narrowBytes = new Map<string, number>();
  readonly #meters: Meters;
  readonly #lastArrivalMs = new Map<string, number>();

  constructor(options: SimNetworkOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.weather = options.weather ?? fineWeather;
    this.#behaviour = options.behaviour ?? lanBehaviour;
    this.#meters = new Meters(options.clock);
  }

  /**
   * Joins under a name, in place of whoever had it. `reach` says whom it can ever talk to: everyone
   * when absent; in a star, the hub only.
   */
  join(name: string, reach: (peer: string) => boolean = () => true): Link {
    this.#links
      .get(name)
      ?.close()
      .catch(() => {});
    const link = new SimLink(this, name, this.#behaviour, reach);
    this.#links.set(name, link);
    // As with a real link, who joins can set its listeners first.
    this.#clock.setTimer(`join ${name}`, 0, () => {
      if (!link.open) return;
      link.announced = true;
      for (const peer of this.peersOf(link)) this.#tell(name, peer, true);
    });
    return link;
  }

  /** A second machine with a name that another one has: it reaches nobody until `give`. */
  joinBeside(name: string, reach: (peer: string) => boolean = () => true): Link {
    return new SimLink(this, name, this.#behaviour, reach);
  }

  /** Of the machines with one name this one is heard from now on; the other hears nobody. */
  give(link: Link): void {
    if (!(link instanceof SimLink) || !link.open) return;
    const { name } = link;
    const before = this.#links.get(name);
    if (before === link) return;
    for (const peer of before === undefined ? [] : this.peersOf(before)) {
      this.#tell(name, peer, false);
    }
    this.#links.set(name, link);
    link.announced = true;
    for (const peer of this.peersOf(link)) this.#tell(name, peer, true);
  }

  /** Cuts or mends the connection of two nodes, both ways. */
  setCut(one: string, other: string, cut: boolean): void {
    const before = this.#connected(one, other);
    const key = pairKey(one, other);
    if (cut) this.#cut.add(key);
    else this.#cut.delete(key);
    const after = this.#connected(one, other);
    if (before !== after) this.#tell(one, other, after);
  }

  /** Cuts what lies between groups and mends what lies inside them; a node in none is alone. */
  partition(groups: readonly (readonly string[])[]): void {
    const groupOf = new Map(groups.flatMap((group, n) => group.map((name) => [name, n] as const)));
    this.#eachPair((one, other) => {
      const mine = groupOf.get(one);
      this.setCut(one, other, mine === undefined || mine !== groupOf.get(other));
    });
  }

  /** Nothing that `from` sends arrives at `to`; neither of them is told. */
  setDeaf(from: string, to: string, deaf: boolean): void {
    if (deaf) this.#deaf.add(`${from} ${to}`);
    else this.#deaf.delete(`${from} ${to}`);
  }

  /** Delays all that a node sends by up to so many milliseconds more. */
  setClog(name: string, uptoMs: number): void {
    if (uptoMs === 0) this.#clogMs.delete(name);
    else this.#clogMs.set(name, uptoMs);
  }

  /** Of all that a node sends only payloads up to so many bytes arrive; null: all of them. */
  setNarrow(name: string, maxBytes: number | null): void {
    if (maxBytes === null) this.#narrowBytes.delete(name);
    else this.#narrowBytes.set(name, maxBytes);
  }

  /** Puts a payload in as if `from` had sent it. */
  inject(from: string, to: string, payload: Uint8Array): void {
    const receiver = this.#links.get(to);
    if (receiver?.open === true) receiver.receive(from, payload);
  }

  /** Whom a node may reach changed. */
  review(name: string): void {
    const link = this.#links.get(name);
    if (link === undefined) return;
    for (const peer of this.#links.keys()) {
      const connected = this.#connected(name, peer);
      if (peer === name || link.told.has(peer) === connected) continue;
      this.#tell(name, peer, connected);
    }
  }

  /** Mends everything. */
  mend(): void {
    this.#deaf.clear();
    this.#clogMs.clear();
    this.#narrowBytes.clear();
    this.mendCuts();
  }

  /** Mends every cut. */
  mendCuts(): void {
    for (const key of [...this.#cut]) {
      const [one, other] = key.split(' ');
      if (one !== undefined && other !== undefined) this.setCut(one, other, false);
    }
  }

  peersOf(link: SimLink): string[] {
    if (this.#links.get(link.name) !== link) return [];
    return [...this.#links.keys()].filter((peer) => this.#connected(link.name, peer));
  }

  leave(link: SimLink): void {
    if (!link.open) return;
    const peers = this.peersOf(link);
    link.open = false;
    if (this.#links.get(link.name) === link) this.#links.delete(link.name);
    for (const peer of peers) this.#links.get(peer)?.notice(link.name, false);
  }

  carry(from: SimLink, to: string, payload: Uint8Array): boolean {
    const { limits } = from;
    const refused =
      this.#links.get(from.name) !== from ||
      !this.#connected(from.name, to) ||
      payload.byteLength > limits.maxPayloadBytes ||
      from.inFlight >= limits.maxInFlight;
    if (refused) {
      this.counts.refused += 1;
      return false;
    }
    if (!this.#meters.take(from.name, to, payload.byteLength, limits)) {
      this.counts[this.#behaviour.silentDiscard ? 'discarded' : 'refused'] += 1;
      return this.#behaviour.silentDiscard;
    }
    this.counts.sent += 1;
    this.counts.bytes += payload.byteLength;
    if (this.#random.chance(this.weather.duplication)) {
      this.counts.duplicated += 1;
      this.#deliverLater(from, to, payload);
    }
    const tooWide = payload.byteLength > (this.#narrowBytes.get(from.name) ?? Infinity);
    if (this.#random.chance(this.weather.loss) || tooWide) this.counts.lost += 1;
    else this.#deliverLater(from, to, payload);
    return true;
  }

  #deliverLater(from: SimLink, to: string, payload: Uint8Array): void {
    const { minDelayMs, maxDelayMs, reorder } = this.weather;
    const nowMs = this.#clock.monotonicMs();
    const clogMs = this.#clogMs.get(from.name) ?? 0;
    let atMs = nowMs + minDelayMs + this.#random.float() * (maxDelayMs - minDelayMs + clogMs);
    const way = `${from.name} ${to}`;
    if (!reorder) atMs = Math.max(atMs, this.#lastArrivalMs.get(way) ?? 0);
    this.#lastArrivalMs.set(way, atMs);
    from.inFlight += 1;
    const receiver = this.#links.get(to);
    this.#clock.setTimer(`payload ${way}`, atMs - nowMs, () => {
      from.inFlight -= 1;
      // What was under way when a cable was cut or a process ended does not arrive.
      const gone = receiver === undefined || !receiver.open || !this.#connected(from.name, to);
      if (gone || this.#deaf.has(way)) {
        this.counts.lost += 1;
        return;
      }
      this.counts.delivered += 1;
      receiver.receive(from.name, payload);
    });
  }

  #connected(one: string, other: string): boolean {
    const [first, second] = [this.#links.get(one), this.#links.get(other)];
    if (one === other || first === undefined || second === undefined) return false;
    if (!first.open || !second.open || this.#cut.has(pairKey(one, other))) return false;
    return first.reach(other) && second.reach(one);
  }

  #tell(one: string, other: string, connected: boolean): void {
    for (const [name, peer] of [
      [one, other],
      [other, one],
    ] as const) {
      const link = this.#links.get(name);
      if (link === undefined) continue;
      if (connected) link.told.add(peer);
      else link.told.delete(peer);
      link.notice(peer, connected);
    }
  }

  #eachPair(act: (one: string, other: string) => void): void {
    const names = [...this.#links.keys()];
    for (const [index, one] of names.entries()) {
      for (const other of names.slice(index + 1)) act(one, other);
    }
  }
}

function pairKey(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
