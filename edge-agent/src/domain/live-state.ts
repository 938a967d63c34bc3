import type { LiveState, NodeId } from '@foyer/contracts';

/** Of one node; more topics are not kept. */
export const maxTopicsOfNode = 64;
/** Of all nodes of a theatre together. */
const maxNodes = 256;
/** A live value is a few words or numbers, as JSON. */
export const maxValueChars = 4096;

/** The last value of each topic of each node; the higher version wins. */
export class LiveStates {
  readonly #byNode = new Map<NodeId, Map<string, LiveState>>();

  /** Takes a value; false when it is not newer or there is no room for it. */
  merge(state: LiveState): boolean {
    let topics = this.#byNode.get(state.node);
    if (topics === undefined) {
      if (this.#byNode.size >= maxNodes) return false;
      topics = new Map();
      this.#byNode.set(state.node, topics);
    }
    const known = topics.get(state.topic);
    if (known === undefined && topics.size >= maxTopicsOfNode) return false;
    if (known !== undefined && known.version >= state.version) return false;
    if (JSON.stringify(state.value).length > maxValueChars) return false;
    topics.set(state.topic, state);
    return true;
  }

  get(node: NodeId, topic: string): LiveState | null {
    return this.#byNode.get(node)?.get(topic) ?? null;
  }

  all(): LiveState[] {
    return [...this.#byNode.values()].flatMap((topics) => [...topics.values()]);
  }
}
