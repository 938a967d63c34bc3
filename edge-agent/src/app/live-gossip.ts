import type { LiveState, Message, NodeId } from '@foyer/contracts';
import type { Clock } from '@foyer/platform';
import { LiveStates } from '../domain/live-state.ts';
import type { MeshHub } from './mesh-hub.ts';

/** Live state of the theatre: every node tells its own to all, and all it knows to who comes new. */
export class LiveGossip {
  readonly #self: NodeId;
  readonly #hub: Pick<MeshHub, 'send' | 'sendToAll'>;
  readonly #clock: Clock;
  readonly #states = new LiveStates();

  constructor(self: NodeId, hub: Pick<MeshHub, 'send' | 'sendToAll'>, clock: Clock) {
    this.#self = self;
    this.#hub = hub;
    this.#clock = clock;
  }

  /** Sets this node's value of a topic and tells the others; false when there is no room for it. */
  set(topic: string, value: LiveState['value']): boolean {
    const before = this.#states.get(this.#self, topic);
    const atMs = Math.round(this.#clock.nowMs());
    // The time orders the values of two runs; within one, a clock set back must not.
    const version = Math.max((before?.version ?? 0) + 1, atMs);
    const node = this.#self;
    const state: LiveState = { type: 'live-state', node, topic, version, atMs, value };
    if (!this.#states.merge(state)) return false;
    this.#hub.sendToAll(state);
    return true;
  }

  all(): LiveState[] {
    return this.#states.all();
  }

  onPeer(peer: NodeId): void {
    for (const state of this.#states.all()) if (state.node !== peer) this.#hub.send(peer, state);
  }

  onMessage(_from: NodeId, message: Message): void {
    if (message.type !== 'live-state') return;
    // What a run of this node said before comes back from the others: it goes on from there.
    this.#states.merge(message);
  }
}
