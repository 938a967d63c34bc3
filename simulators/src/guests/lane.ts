import { FoyerError, isFoyerError } from '@foyer/contracts';
import type { Verdict } from '@foyer/contracts';

import { renderFrames } from '../camera/index.ts';
import type { Condition } from '../camera/index.ts';
import type { GateCamera } from './adapters/gate-camera.ts';

/** What happened to one phone that was held up. */
export type Held =
  | {
      readonly outcome: 'verdict';
      readonly verdict: Verdict;
      readonly frames: number;
      readonly decodeMs: number;
      readonly scanMs: number | null;
      readonly frameToVerdictMs: number;
    }
  | { readonly outcome: 'unread' }
  /** Nobody serves at this gate. */
  | { readonly outcome: 'closed' };

/** A phone to hold up. */
export interface Phone {
  readonly text: string;
  readonly condition: Condition;
  readonly seed: number;
  /** Awaited when the first frame is ready: two friends who count to three. */
  readonly together?: () => Promise<void>;
}

const mostFrames = 10;
const frameGapMs = 66;
const walkThroughMs = 300;
const mostWaiting = 5;

const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

/** The queue before one gate: one phone at a time is held up to its camera. */
export class Lane {
  readonly gate: string;
  readonly auditoriums: readonly string[];
  readonly #camera: GateCamera;
  readonly #onQueue: (waiting: number) => void;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closedUntilMs = 0;
  #closed = false;

  constructor(
    place: { gate: string; auditoriums: readonly string[] },
    camera: GateCamera,
    onQueue: (waiting: number) => void,
  ) {
    this.gate = place.gate;
    this.auditoriums = place.auditoriums;
    this.#camera = camera;
    this.#onQueue = onQueue;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** False for a queue that nobody would join, or a gate that was found closed a moment ago. */
  get inviting(): boolean {
    const open = !this.#closed && performance.now() >= this.#closedUntilMs;
    return open && this.#waiting < mostWaiting;
  }

  /** Closing time: who is not before the camera yet goes home. */
  close(): void {
    this.#closed = true;
  }

  /** Waits for its turn, holds the phone up until a verdict falls, walks through. */
  present(phone: Phone): Promise<Held> {
    this.#count(1);
    const turn = this.#last.then(() => this.#hold(phone));
    const done = turn.finally(() => this.#count(-1));
    this.#last = done.then(
      () => pause(walkThroughMs),
      () => undefined,
    );
    return done;
  }

  #count(change: number): void {
    this.#waiting += change;
    this.#onQueue(this.#waiting);
  }

  async #hold(phone: Phone): Promise<Held> {
    if (this.#closed) return { outcome: 'closed' };
    const frames = renderFrames(phone);
    for (let shown = 1; shown <= mostFrames && !(this.#closed && shown > 1); shown += 1) {
      const { value: frame } = frames.next();
      if (frame === undefined) break;
      if (shown === 1) await phone.together?.();
      const seenMs = performance.now();
      try {
        const result = await this.#camera.show(frame);
        if (result.verdict !== null) {
          const { verdict, decodeMs, scanMs } = result;
          const frameToVerdictMs = performance.now() - seenMs;
          return { outcome: 'verdict', verdict, frames: shown, decodeMs, scanMs, frameToVerdictMs };
        }
      } catch (error) {
        if (!isFoyerError(error)) throw error;
        if (error.code === 'link-down') return this.#foundClosed();
        if (error.code !== 'queue-full') throw new FoyerError(error.code, error.message);
      }
      await pause(Math.max(0, frameGapMs - (performance.now() - seenMs)));
    }
    return { outcome: 'unread' };
  }

  #foundClosed(): Held {
    this.#closedUntilMs = performance.now() + 2_000;
    return { outcome: 'closed' };
  }
}
