import type { LiveState, NodeId } from '@foyer/contracts';

/** Of one node; more topics are not kept. */
export const maxTopicsOfNode = 64;
/** Of all nodes of a theatre together. */
const maxNodes = 256;
/** A live value is a few words or numbers, as JSON. */
export const maxValueChars = 4096;
/** Versions are times: none is beyond the last date that there is. */
export const maxVersion = 8_640_000_000_000_000;

/** How a value came: from its own node, or from another while its own node speaks here or not. */
export type Heard = 'itself' | 'hearsay' | 'hearsay-of-the-living';

/** What became of a value; the last two were refused. */
export type Merged = 'taken' | 'known' | 'no-room' | 'hearsay' | 'absurd-version';

interface Known {
  state: LiveState;
  /** It came from its own node, which has not restarted since. */
  itself: boolean;
}

/** Makes room for one more topic where it can: the oldest that its node took back goes. */
function hasRoom(topics: Map<string, Known>): boolean {
  if (topics.size < maxTopicsOfNode) return true;
  let oldest: LiveState | null = null;
  for (const { state } of topics.values()) {
    if (state.value !== null) continue;
    if (oldest === null || state.version < oldest.version) oldest = state;
  }
  return oldest !== null && topics.delete(oldest.topic);
}

/**
 * The last value of each topic of each node, null for one that it took back; the higher version
 * wins. Nobody overrules a node that
 * speaks for itself.
 */
export class LiveStates {
  readonly #byNode = new Map<NodeId, Map<string, Known>>();

  merge(state: LiveState, heard: Heard = 'itself'): Merged {
    const known = this.#byNode.get(state.node)?.get(state.topic);
    const itself = heard === 'itself';
    const newer = known === undefined || known.state.version < state.version;
    if (!newer && !(itself && !known.itself)) return 'known';
    if (heard === 'hearsay-of-the-living') return 'hearsay';
    if (state.version > maxVersion) return 'absurd-version';
    if (JSON.stringify(state.value).length > maxValueChars) return 'no-room';
    const topics = this.#topicsOf(state.node);
    if (topics === null || (known === undefined && !hasRoom(topics))) return 'no-room';
    topics.set(state.topic, { state, itself });
    return 'taken';
  }

  /** A node began to speak: whatever it says of itself from now on counts. */
  heardAgain(node: NodeId): void {
    for (const known of this.#byNode.get(node)?.values() ?? []) known.itself = false;
  }

  get(node: NodeId, topic: string): LiveState | null {
    return this.#byNode.get(node)?.get(topic)?.state ?? null;
  }

  all(): LiveState[] {
    return [...this.#byNode.values()].flatMap((topics) =>
      [...topics.values()].map(({ state }) => state),
    );
  }

  #topicsOf(node: NodeId): Map<string, Known> | null {
    const topics = this.#byNode.get(node);
    if (topics !== undefined) return topics;
    if (this.#byNode.size >= maxNodes) return null;
    const made = new Map<string, Known>();
    this.#byNode.set(node, made);
    return made;
  }
}
