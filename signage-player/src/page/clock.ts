const keptSamples = 12;
/** A sample is worth less as it ages: two crystals drift apart by this much. */
const driftPerMs = 50e-6;

interface Sample {
  readonly offsetMs: number;
  readonly uncertainMs: number;
  readonly atMs: number;
}

/**
 * The agent's time, carried on by this page's monotonic clock: a jump of the machine's wall clock
 * changes nothing. Of the moments that it was told, the surest one counts.
 */
export class AgentClock {
  readonly #monotonicMs: () => number;
  readonly #speed: number;
  #samples: Sample[] = [];
  #offsetMs: number;
  #fixed = false;

  /**
   * @param wallMs - The wall clock now, in UTC ms: what is believed until the agent has spoken.
   * @param speed - How many seconds of the agent pass in one of the page; 1 but for previews.
   */
  constructor(monotonicMs: () => number, wallMs: number, speed = 1) {
    this.#monotonicMs = monotonicMs;
    this.#speed = speed;
    this.#offsetMs = wallMs - monotonicMs() * speed;
  }

  /** UTC ms. */
  now(): number {
    return this.#offsetMs + this.#monotonicMs() * this.#speed;
  }

  /** How long it is until `atMs`, in the page's own milliseconds. */
  untilMs(atMs: number): number {
    return (atMs - this.now()) / this.#speed;
  }

  /** A preview's moment: from here on it follows nobody. */
  fix(atMs: number): void {
    this.#fixed = true;
    this.#offsetMs = atMs - this.#monotonicMs() * this.#speed;
  }

  /**
   * The agent's time as an answer carried it.
   *
   * @param roundTripMs - From the question to the answer; for a message that nobody asked for, a
   *   guess of how long it was on its way, twice.
   */
  told(agentMs: number, roundTripMs: number): void {
    if (this.#fixed) return;
    const atMs = this.#monotonicMs();
    const offsetMs = agentMs + roundTripMs / 2 - atMs * this.#speed;
    this.#samples.push({ offsetMs, uncertainMs: roundTripMs / 2, atMs });
    if (this.#samples.length > keptSamples) this.#samples.shift();
    // The agent's own clock was set: what was heard before that says nothing any more.
    const first = this.#samples[0];
    const jumped = first !== undefined && Math.abs(first.offsetMs - offsetMs) > 2000;
    if (jumped) this.#samples = [{ offsetMs, uncertainMs: roundTripMs / 2, atMs }];
    let best = this.#samples[0];
    const doubt = (sample: Sample): number =>
      sample.uncertainMs + (atMs - sample.atMs) * driftPerMs;
    for (const sample of this.#samples) if (!best || doubt(sample) <= doubt(best)) best = sample;
    if (best !== undefined) this.#offsetMs = best.offsetMs;
  }
}
