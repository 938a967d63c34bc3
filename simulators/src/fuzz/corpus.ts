import type { SimRandom } from '@foyer/platform/sim';

/** Bounds of what is kept. */
const maxEntries = 3000;
const maxBytes = 16 * 1_048_576;

/** Inputs that reached something new: what later inputs are made from. */
export class Corpus {
  readonly #entries: Uint8Array[] = [];
  readonly #held = new Set<Uint8Array>();
  #bytes = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** Keeps an input; false when it is kept already or there is no more room. */
  add(input: Uint8Array): boolean {
    if (this.#held.has(input)) return false;
    if (this.#entries.length >= maxEntries || this.#bytes + input.length > maxBytes) return false;
    this.#held.add(input);
    this.#entries.push(input);
    this.#bytes += input.length;
    return true;
  }

  /**
   * One of them: the later half more often, because it is where the frontier is, and the smaller of
   * two, because it runs faster and a change of it is more likely to matter.
   */
  pick(random: SimRandom): Uint8Array {
    const count = this.#entries.length;
    const late = random.chance(0.4) ? Math.floor(count / 2) : 0;
    const one = this.#entries[late + random.int(count - late)] ?? new Uint8Array();
    const other = this.#entries[late + random.int(count - late)] ?? one;
    return random.chance(0.8) && other.length < one.length ? other : one;
  }
}
