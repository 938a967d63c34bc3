import type { VisitSlot } from '@foyer/signage-player/schedule';

const hourMs = 3_600_000;

/** How fairly a run of slots shared its time, and how often one thing followed itself. */
export interface Fairness {
  /** Over single hours: |share of the air time - share of the weights|, 0 to 1. */
  readonly shareErrorMax: number;
  readonly shareErrorMean: number;
  readonly longestRun: number;
}

/**
 * Watches the slots of one screen. What is due is reckoned here, from weights and from who was
 * open at each slot, not taken from the schedule.
 */
export class FairnessMeter {
  readonly #weightOf: ReadonlyMap<string, number>;
  readonly #openAt: (atMs: number) => readonly string[];
  readonly #dueMs = new Map<string, number>();
  readonly #hadMs = new Map<string, number>();
  #hour = -1;
  #last: string | null = null;
  #run = 0;
  #longest = 0;
  #worst = 0;
  #sum = 0;
  #count = 0;

  constructor(weightOf: ReadonlyMap<string, number>, openAt: (atMs: number) => readonly string[]) {
    this.#weightOf = weightOf;
    this.#openAt = openAt;
  }

  readonly visit: VisitSlot = (startMs, endMs, itemId, campaignId) => {
    const hour = Math.floor(startMs / hourMs);
    if (hour !== this.#hour) this.#close(hour);
    this.#run = itemId === this.#last ? this.#run + 1 : 1;
    this.#last = itemId;
    this.#longest = Math.max(this.#longest, this.#run);
    const open = this.#openAt(startMs);
    const weights = open.reduce((sum, id) => sum + (this.#weightOf.get(id) ?? 0), 0);
    for (const id of open) {
      const due = ((endMs - startMs) * (this.#weightOf.get(id) ?? 0)) / weights;
      this.#dueMs.set(id, (this.#dueMs.get(id) ?? 0) + due);
    }
    const id = campaignId ?? '';
    this.#hadMs.set(id, (this.#hadMs.get(id) ?? 0) + endMs - startMs);
  };

  #close(hour: number): void {
    this.#hour = hour;
    const totalMs = [...this.#dueMs.values()].reduce((sum, due) => sum + due, 0);
    // The first and the last hour of a walk are not whole.
    if (totalMs > hourMs * 0.99) {
      for (const [id, dueMs] of this.#dueMs) {
        const error = Math.abs((this.#hadMs.get(id) ?? 0) - dueMs) / totalMs;
        this.#worst = Math.max(this.#worst, error);
        this.#sum += error;
        this.#count += 1;
      }
    }
    this.#dueMs.clear();
    this.#hadMs.clear();
  }

  get fairness(): Fairness {
    return {
      shareErrorMax: this.#worst,
      shareErrorMean: this.#count === 0 ? 0 : this.#sum / this.#count,
      longestRun: this.#longest,
    };
  }
}

/**
 * A plain weighted round-robin: each campaign in its turn plays as often as its weight says, then
 * the next; whoever is not open is skipped.
 */
export function roundRobin(
  campaigns: readonly { readonly id: string; readonly weight: number }[],
  openAt: (atMs: number) => readonly string[],
  durationMs: number,
  fromMs: number,
  toMs: number,
  visit: VisitSlot,
): void {
  let [turn, left] = [0, campaigns[0]?.weight ?? 0];
  for (let atMs = fromMs; atMs < toMs; atMs += durationMs) {
    const open = openAt(atMs);
    while (left === 0 || !open.includes(campaigns[turn]?.id ?? '')) {
      turn = (turn + 1) % campaigns.length;
      left = campaigns[turn]?.weight ?? 1;
    }
    const id = campaigns[turn]?.id ?? null;
    visit(atMs, atMs + durationMs, id, id);
    left -= 1;
  }
}
