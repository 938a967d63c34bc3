import type { NodeId } from '@foyer/contracts';
import type { Clock } from '@foyer/platform';
import type { SimRandom } from '@foyer/platform/sim';

export interface BusWeather {
  minDelayMs: number;
  maxDelayMs: number;
  loss: number;
  duplication: number;
}

/** Carries objects between nodes in virtual time, in any order, and cuts one way or both. */
export class Bus<T> {
  weather: BusWeather = { minDelayMs: 0.2, maxDelayMs: 2, loss: 0, duplication: 0 };
  /** Added to what a node sends: a slow process. */
  readonly slowMs = new Map<NodeId, number>();
  readonly #clock: Clock;
  readonly #random: SimRandom;
  readonly #cut = new Set<string>();
  readonly #muted = new Set<NodeId>();
  readonly #receivers = new Map<NodeId, (from: NodeId, message: T) => void>();

  constructor(clock: Clock, random: SimRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  join(node: NodeId, receive: (from: NodeId, message: T) => void): void {
    this.#receivers.set(node, receive);
  }

  leave(node: NodeId): void {
    this.#receivers.delete(node);
  }

  /** Drops what a node sends during `work`. */
  mute(node: NodeId, work: () => void): void {
    this.#muted.add(node);
    work();
    this.#muted.delete(node);
  }

  cutWay(from: NodeId, to: NodeId): void {
    this.#cut.add(`${from}>${to}`);
  }

  /** Cuts what lies between groups; a node in none is alone. */
  partition(nodes: readonly NodeId[], groups: readonly (readonly NodeId[])[]): void {
    const groupOf = (node: NodeId): number => groups.findIndex((group) => group.includes(node));
    for (const from of nodes) {
      for (const to of nodes) {
        if (from === to || (groupOf(from) >= 0 && groupOf(from) === groupOf(to))) continue;
        this.cutWay(from, to);
      }
    }
  }

  mend(): void {
    this.#cut.clear();
  }

  send(from: NodeId, to: NodeId, message: T): boolean {
    if (this.#muted.has(from)) return false;
    const copies = this.#random.chance(this.weather.duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#random.chance(this.weather.loss)) continue;
      const { minDelayMs, maxDelayMs } = this.weather;
      const slowMs = this.slowMs.get(from) ?? 0;
      const delayMs = minDelayMs + this.#random.float() * (maxDelayMs - minDelayMs) + slowMs;
      this.#clock.setTimer(`bus ${from}>${to}`, delayMs, () => {
        if (this.#cut.has(`${from}>${to}`)) return;
        this.#receivers.get(to)?.(from, structuredClone(message));
      });
    }
    return this.#receivers.has(to);
  }
}
