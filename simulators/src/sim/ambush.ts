import { rightKey, type NodeId, type Right } from '@foyer/contracts';
import type { SimRandom } from '@foyer/platform/sim';

import type { SimWorld } from './world.ts';

/** A green as a guest saw it. */
export interface Green {
  readonly text: string;
  readonly scanId: string;
  readonly right: Right;
}

/** What ambushes need of the run that they are laid in. */
export interface Scene {
  readonly world: SimWorld;
  readonly random: SimRandom;
  at(runMs: number, work: () => void): void;
  holdUp(gate: NodeId, request: { text: string; scanId: string; override: boolean }): void;
}

/** Faults that wait for a guest: who waits for whom, and guests who come on purpose. */
export class Ambushes {
  readonly #scene: Scene;
  readonly #onGreen = new Map<NodeId, (green: Green) => void>();
  readonly #onScan = new Map<NodeId, () => void>();
  /** Codes that nobody has held up yet. */
  readonly #fresh: Set<string>;
  readonly #texts: readonly string[];

  /** @param texts codes that guests of the house hold. */
  constructor(scene: Scene, texts: readonly string[]) {
    this.#scene = scene;
    this.#texts = texts;
    this.#fresh = new Set(texts);
  }

  atNextGreen(gate: NodeId, then: (green: Green) => void): void {
    this.#onGreen.set(gate, then);
  }

  atNextScan(gate: NodeId, then: () => void): void {
    this.#onScan.set(gate, then);
  }

  forget(gate: NodeId): void {
    this.#onGreen.delete(gate);
    this.#onScan.delete(gate);
  }

  scanAsked(gate: NodeId, text: string): void {
    this.#fresh.delete(text);
    const ambush = this.#onScan.get(gate);
    this.#onScan.delete(gate);
    ambush?.();
  }

  greenShown(gate: NodeId, green: Green): void {
    const ambush = this.#onGreen.get(gate);
    this.#onGreen.delete(gate);
    ambush?.(green);
  }

  /** A guest whose code nobody has held up yet comes to a gate; where all have, any guest does. */
  sendGuest(gate: NodeId, afterMs: number): string {
    const { random } = this.#scene;
    const fresh = [...this.#fresh];
    const text = random.pick(fresh.length > 0 ? fresh : this.#texts);
    this.#fresh.delete(text);
    this.tryAt(text, gate, afterMs);
    return text;
  }

  tryAt(text: string, gate: NodeId, afterMs: number): void {
    const { world, random } = this.#scene;
    const request = { text, scanId: random.uuid(), override: false };
    this.#scene.at(world.runMs + afterMs, () => this.#scene.holdUp(gate, request));
  }

  /** The same code at the other gates, in turn, so long after now. */
  tryInTurn(text: string, except: NodeId, timesMs: readonly number[]): void {
    const gates = this.#scene.world.gates.filter(({ id }) => id !== except);
    for (const [n, afterMs] of timesMs.entries()) {
      const gate = gates[n % gates.length];
      if (gate !== undefined) this.tryAt(text, gate.id, afterMs);
    }
  }

  /** Who has given a gate a vote for a right, itself left out. */
  votersFor(right: Right, gate: NodeId): NodeId[] {
    const sql = 'SELECT ticket_id, n, node FROM ledger_vote';
    const key = rightKey(right);
    return [...this.#scene.world.nodes.values()]
      .filter(({ id, disk }) => {
        const votes = disk.read<{ ticket_id: string; n: number; node: NodeId }>(sql);
        const gave = votes.some(
          ({ ticket_id, n, node }) => rightKey({ ticketId: ticket_id, n }) === key && node === gate,
        );
        return id !== gate && gave;
      })
      .map(({ id }) => id);
  }
}
