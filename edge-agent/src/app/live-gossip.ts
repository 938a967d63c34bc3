import type { Refusal } from '@foyer/cloud-sync/engine';
import type { LiveState, Message, NodeId } from '@foyer/contracts';
import type { Clock } from '@foyer/platform';
import type { AdmissionCounts, AdmissionService } from '../domain/admission/ports.ts';
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
    occupancy: occupancyOf(byShow),
  };
}

const occupancyOf = (byShow: AdmissionCounts['byShow']): LiveState['value'] =>
  Object.fromEntries([...byShow].slice(-maxShowsTold));

/** What changes with each guest: told at once, not each second. */
export function guestValues(admission: Pick<AdmissionService, 'counts'> | null): LiveValues {
  return admission === null ? {} : { occupancy: occupancyOf(admission.counts().byShow) };
}

/** The shows of two days in a large theatre. */
const maxShowsTold = 100;

/**
 * Live state of the theatre: every node tells its own to all, and all it knows to who comes new.
 */
export class LiveGossip {
  readonly #self: NodeId;
  readonly #hub: Pick<MeshHub, 'send' | 'sendToAll' | 'reachable'>;
  readonly #clock: Clock;
  readonly #onRefused: (refusal: Refusal) => void;
  readonly #onTaken: (state: LiveState) => void;
  readonly #states = new LiveStates();

  constructor(deps: {
    self: NodeId;
    hub: Pick<MeshHub, 'send' | 'sendToAll' | 'reachable'>;
    clock: Clock;
    onRefused: (refusal: Refusal) => void;
    /** A peer's value was taken. */
    onTaken?: (state: LiveState) => void;
  }) {
    this.#self = deps.self;
    this.#hub = deps.hub;
    this.#clock = deps.clock;
    this.#onRefused = deps.onRefused;
    this.#onTaken = deps.onTaken ?? (() => {});
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
    if (this.#states.merge(state) === 'taken') this.#hub.sendToAll(state);
  }

  get(node: NodeId, topic: string): LiveState | null {
    return this.#states.get(node, topic);
  }

  all(): LiveState[] {
    return this.#states.all();
  }

  /** A peer began to answer. */
  onPeer(peer: NodeId): void {
    this.#states.heardAgain(peer);
    for (const state of this.#states.all()) {
      const gone = state.value === null && state.node !== this.#self;
      if (state.node !== peer && !gone) this.#hub.send(peer, state);
    }
  }

  onMessage(from: NodeId, message: Message): void {
    if (message.type !== 'live-state') return;
    const { node } = message;
    const living = node === this.#self || this.#hub.reachable().includes(node);
    const heard = living ? 'hearsay-of-the-living' : 'hearsay';
    const merged = this.#states.merge(message, node === from ? 'itself' : heard);
    if (merged === 'taken') this.#onTaken(message);
    if (merged !== 'hearsay' && merged !== 'absurd-version') return;
    this.#onRefused({ reason: merged, type: 'live-state', peer: from });
  }
}
