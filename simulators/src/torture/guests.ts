import { setTimeout as pause } from 'node:timers/promises';

import { localOperations, problemSchema, verdictSchema } from '@foyer/contracts';
import type { Verdict } from '@foyer/contracts';
import { SimRandom } from '@foyer/platform/sim';

import { forgeCode, strangeText } from '../guests/domain/tickets.ts';
import type { Uniform } from '../camera/random.ts';
import type { House } from './house.ts';
import type { Tickets } from './tickets.ts';
import type { Watch } from './watch.ts';

/**
 * A gate that says nothing for so long hangs. How long verdicts really took is a figure of each
 * phase: on a machine whose processors are taken by others it says nothing about a gate.
 */
export const answerMs = 60_000;
/** A guest goes home after so long at a gate that does not serve. */
const patienceMs = 180_000;
const retryMs = 150;
/** Guests before a gate at the same time. */
const guestsPerGate = 4;
const meanGapMs = 420;
const mostProbes = 8;
const probeGapMs = 500;
/** How guests rush in. */
export interface RushManner {
  /** Scans under way at a gate. */
  readonly perGate: number;
  /** Every other code is a forgery: a refusal is an event, too. */
  readonly forgeries: boolean;
}

const plainRush: RushManner = { perGate: 8, forgeries: false };

type Answer = { readonly verdict: Verdict } | { readonly code: string };

/** Guests at every gate of the house, until they are sent away. */
export class Guests {
  readonly #house: House;
  readonly #watch: Watch;
  readonly #tickets: Tickets;
  readonly #uniform: Uniform;
  readonly #ids: SimRandom;
  #lanes: Promise<void>[] = [];
  #open = false;
  #dismissed = false;

  constructor(parts: {
    house: House;
    watch: Watch;
    tickets: Tickets;
    uniform: Uniform;
    seed: number;
  }) {
    this.#house = parts.house;
    this.#watch = parts.watch;
    this.#tickets = parts.tickets;
    this.#uniform = parts.uniform;
    this.#ids = new SimRandom(parts.seed);
  }

  /** Opens the doors. */
  begin(): void {
    if (this.#open) return;
    this.#open = true;
    this.#lanes = this.#house.gates.flatMap((gate) =>
      Array.from({ length: guestsPerGate }, () => this.#lane(gate)),
    );
  }

  /** Closes the doors and waits until everybody who was asked in has an answer. */
  async pause(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#lanes);
    this.#lanes = [];
  }

  /** Everybody goes home at once, whatever they wait for: the run ends. */
  dismiss(): void {
    this.#open = false;
    this.#dismissed = true;
  }

  /**
   * Shows fresh tickets as fast as gates answer, until so many were admitted.
   * @returns greens, and the seconds that it took.
   */
  async rush(
    count: number,
    signal: AbortSignal,
    manner: RushManner = plainRush,
  ): Promise<{ greens: number; seconds: number }> {
    const beganMs = performance.now();
    let greens = 0;
    let asked = 0;
    const lane = async (gate: string): Promise<void> => {
      while (
        greens < count &&
        asked < 4 * count &&
        this.#tickets.left > 0 &&
        !this.#dismissed &&
        !signal.aborted
      ) {
        asked += 1;
        const text = manner.forgeries && asked % 2 === 0 ? this.#forged() : this.#tickets.fresh();
        const verdict = await this.present(gate, text);
        if (verdict?.colour === 'green') greens += 1;
      }
    };
    const lanes = this.#house.gates.flatMap((gate) =>
      Array.from({ length: manner.perGate }, () => lane(gate)),
    );
    await Promise.all(lanes);
    return { greens, seconds: (performance.now() - beganMs) / 1000 };
  }

  /** Shows some fresh tickets at one gate at once. */
  async hurry(gate: string, count: number): Promise<void> {
    const texts = Array.from({ length: count }, () => this.#tickets.fresh());
    await Promise.all(texts.map((text) => this.present(gate, text)));
  }

  /**
   * Fresh tickets at every gate of a theatre that is whole again. An elector that waits for the
   * processor makes a green degraded: then the next guest shall get a plain one.
   */
  async probe(perGate: number): Promise<void> {
    for (const gate of this.#house.gates) {
      for (let n = 0; n < perGate; n += 1) await this.#probe(gate);
    }
  }

  async #probe(gate: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const asked = { gate, askedRunMs: this.#watch.log.runMs() };
      const answer = await this.#ask(gate, this.#ids.uuid(), this.#tickets.fresh());
      if (!('verdict' in answer)) {
        this.#watch.unanswered.push(`${gate} answered a probe with ${answer.code}.`);
        return;
      }
      const busy = answer.verdict.flags.includes('degraded') && tries < mostProbes;
      this.#watch.sawVerdict(asked, answer.verdict, !busy);
      if (!busy) return;
      await pause(probeGapMs);
    }
  }

  /** Holds a code up until the gate answers. @returns null when the guest went home. */
  async present(gate: string, text: string, scanId = this.#ids.uuid()): Promise<Verdict | null> {
    const { log } = this.#watch;
    const cameRunMs = log.runMs();
    for (;;) {
      const askedRunMs = log.runMs();
      const lives = this.#house.livesOf(gate);
      const answer = await this.#ask(gate, scanId, text);
      if ('verdict' in answer) {
        this.#watch.sawVerdict({ gate, askedRunMs }, answer.verdict, false);
        return answer.verdict;
      }
      if (this.#dismissed) return null;
      const { code } = answer;
      const crashed = lives % 2 !== 0 || this.#house.livesOf(gate) !== lives;
      this.#watch.sawError(code);
      if (code === 'no-answer' && !crashed) {
        const at = `${Math.round(askedRunMs / 1000)} s`;
        this.#watch.unanswered.push(`${gate} left scan ${scanId} of ${at} without an answer.`);
      }
      const runMs = log.runMs();
      if (runMs - cameRunMs > patienceMs) {
        this.#watch.failedScans.push({ askedRunMs, runMs, gate, scanId, code, crashed });
        return null;
      }
      await pause(retryMs);
    }
  }

  async #lane(gate: string): Promise<void> {
    while (this.#open) {
      await this.#visit(gate);
      await pause(2 * meanGapMs * this.#uniform());
    }
  }

  async #visit(gate: string): Promise<void> {
    const kind = this.#uniform();
    if (kind < 0.2) {
      // Somebody who tries every gate at once, with friends and copies of the code.
      const text = this.#tickets.fresh();
      await Promise.all(this.#house.gates.map((each) => this.present(each, text)));
      return;
    }
    if (kind < 0.32) {
      await this.present(gate, this.#tickets.again());
      return;
    }
    if (kind < 0.36) {
      await this.present(gate, this.#forged());
      return;
    }
    if (kind < 0.38) {
      await this.present(gate, strangeText(this.#uniform));
      return;
    }
    await this.#enter(gate, this.#tickets.fresh());
  }

  #forged(): string {
    return forgeCode(this.#tickets.again(), this.#uniform);
  }

  /** A guest with a ticket: enters, or is asked again, or turns back before the turnstile. */
  async #enter(gate: string, text: string): Promise<void> {
    const verdict = await this.present(gate, text);
    if (verdict === null) return;
    const then = this.#uniform();
    if (then < 0.08) await this.present(gate, text, verdict.scanId);
    if (verdict.colour !== 'green') return;
    if (then > 0.97) {
      await this.#pass(gate, verdict.scanId, 'did-not-turn');
      await this.present(gate, text);
    } else if (then > 0.7) await this.#pass(gate, verdict.scanId, 'turned');
  }

  async #pass(gate: string, scanId: string, outcome: string): Promise<void> {
    const url = new URL(localOperations.passage.path, this.#house.urlOf(gate));
    // A turnstile that is not heard changes nothing: the admission stands.
    await post(url, { scanId, outcome }).catch(() => undefined);
  }

  async #ask(gate: string, scanId: string, text: string): Promise<Answer> {
    const url = new URL(localOperations.scan.path, this.#house.urlOf(gate));
    try {
      const response = await post(url, { scanId, text });
      const body: unknown = await response.json();
      const verdict = verdictSchema.safeParse(body);
      if (response.ok && verdict.success) return { verdict: verdict.data };
      const problem = problemSchema.safeParse(body);
      return { code: problem.success ? problem.data.code : `status-${response.status}` };
    } catch (error) {
      const silent = error instanceof DOMException && error.name === 'TimeoutError';
      return { code: silent ? 'no-answer' : 'link-down' };
    }
  }
}

const post = (url: URL, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerMs),
  });
