import { localOperations } from '@foyer/contracts';

/** Counts are told at most so often, as a counter above a gate does. */
const tellEveryMs = 300;
const timeoutMs = 2_000;

/** The people counters above the gates: each tells its gate's agent how many wait there. */
export class PeopleCounters {
  readonly #urlOf: (gate: string) => string;
  readonly #seen = new Map<string, number>();
  readonly #told = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(urlOf: (gate: string) => string) {
    this.#urlOf = urlOf;
  }

  count(gate: string, waiting: number): void {
    this.#seen.set(gate, waiting);
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const [gate, waiting] of this.#seen) {
        if (this.#told.get(gate) !== waiting) void this.#tell(gate, waiting);
      }
    }, tellEveryMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #tell(gate: string, waiting: number): Promise<void> {
    this.#told.set(gate, waiting);
    try {
      const response = await fetch(new URL(localOperations.queue.path, this.#urlOf(gate)), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ waiting }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      if (!response.ok) this.#told.delete(gate);
    } catch {
      // A gate that is killed is told again when it is back.
      this.#told.delete(gate);
    }
  }
}
