import type { LiveState, Message, NodeId } from '@foyer/contracts';
import type { Clock } from '@foyer/platform';
import type { AdmissionService } from '../domain/admission/ports.ts';
import { LiveStates } from '../domain/live-state.ts';
import type { MeshHub } from './mesh-hub.ts';

/** What a node tells of itself, by topic. */
export type LiveValues = Readonly<Record<string, LiveState['value']>>;

/** A gate's guests and how it is doing; what signs and the console show without asking it. */
export function liveValues(
  admission: Pick<AdmissionService, 'counts' | 'recovering'> | null,
  upstream: NodeId | null,
): LiveValues {
  if (admission === null) return {};
  const { greens, ambers, reds, degraded, byShow } = admission.counts();
  return {
    'gate/verdicts': { greens, ambers, reds, degraded },
    'gate/state': { recovering: admission.recovering(), upstream },
    occupancy: Object.fromEntries([...byShow].slice(-maxShowsTold)),
  };
}

/** The shows of two days in a large theatre. */
const maxShowsTold = 100;

/**
 * Live state of the theatre: every node tells its own to all, and all it knows to who comes new.
 */
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

  /** Tells the others what changed of this node's values. */
  tell(values: LiveValues): void {
    for (const [topic, value] of Object.entries(values)) {
      const before = this.#states.get(this.#self, topic)?.value;
      if (JSON.stringify(before) !== JSON.stringify(value)) this.#set(topic, value);
    }
  }

  #set(topic: string, value: LiveState['value']): void {
    const before = this.#states.get(this.#self, topic);
    const atMs = Math.round(this.#clock.nowMs());
    // The time orders the values of two runs; within one, a clock set back must not.
    const version = Math.max((before?.version ?? 0) + 1, atMs);
    const node = this.#self;
    const state: LiveState = { type: 'live-state', node, topic, version, atMs, value };
    if (this.#states.merge(state)) this.#hub.sendToAll(state);
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
