import { FoyerError } from '@foyer/contracts';
import type { Verdict } from '@foyer/contracts';
import type { Clock, Logger } from '@foyer/platform';

import { DuplicateFilter } from '../domain/duplicate-filter.ts';
import type { AgentClient } from './agent-client.ts';

/** Bounds of a ScanDesk. */
export interface DeskLimits {
  /** The same text within this time is the same scan. */
  readonly duplicateWindowMs: number;
  /** Scans that may wait for the agent at once. */
  readonly maxPending: number;
}

const maxTextsPerCamera = 256;
const maxCameras = 64;

/** Turns texts into scans: one for each phone that is held up, sent to the agent. */
export class ScanDesk {
  readonly counts = { scans: 0, repeats: 0, undelivered: 0 };
  readonly #agent: AgentClient | undefined;
  readonly #limits: DeskLimits;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #filters = new Map<string, DuplicateFilter>();
  #pending = 0;

  /** @param agent undefined: texts are read and reported, nobody decides. */
  constructor(
    agent: AgentClient | undefined,
    limits: DeskLimits,
    seams: { clock: Clock; logger: Logger },
  ) {
    this.#agent = agent;
    this.#limits = limits;
    this.#clock = seams.clock;
    this.#logger = seams.logger;
  }

  /**
   * Sends every text that is a new scan.
   * @returns the verdict of the first of them; null when there is none.
   * @param onAnswer is told how long the answered request of that verdict took.
   * @throws FoyerError of the agent's client; the text will then be a new scan at its next sight.
   */
  async offer(
    camera: string,
    texts: readonly string[],
    onAnswer?: (answerMs: number) => void,
  ): Promise<Verdict | null> {
    const agent = this.#agent;
    if (agent === undefined) return null;
    const filter = this.#filterOf(camera);
    const fresh = texts.filter((text) => filter.isNew(text, this.#clock.monotonicMs()));
    this.counts.repeats += texts.length - fresh.length;
    const scans = fresh.map((text, index) =>
      this.#send(filter, text, () => agent.scan(text, index === 0 ? onAnswer : undefined)),
    );
    const settled = await Promise.allSettled(scans);
    const first = settled[0];
    if (first?.status === 'rejected') throw first.reason;
    return first?.value ?? null;
  }

  async #send(
    filter: DuplicateFilter,
    text: string,
    ask: () => Promise<Verdict>,
  ): Promise<Verdict> {
    if (this.#pending >= this.#limits.maxPending) {
      filter.forget(text);
      this.counts.undelivered += 1;
      throw new FoyerError('queue-full', `${this.#pending} scans wait for the agent already.`);
    }
    this.#pending += 1;
    try {
      const verdict = await ask();
      this.counts.scans += 1;
      return verdict;
    } catch (error) {
      filter.forget(text);
      this.counts.undelivered += 1;
      this.#logger.warn('scan-undelivered', { message: String(error) });
      throw error;
    } finally {
      this.#pending -= 1;
    }
  }

  #filterOf(camera: string): DuplicateFilter {
    const known = this.#filters.get(camera);
    const filter =
      known ??
      new DuplicateFilter({
        windowMs: this.#limits.duplicateWindowMs,
        maxTexts: maxTextsPerCamera,
      });
    this.#filters.delete(camera);
    this.#filters.set(camera, filter);
    const oldest = this.#filters.keys().next();
    if (this.#filters.size > maxCameras && !oldest.done) this.#filters.delete(oldest.value);
    return filter;
  }
}
