import type { Clock, Timer } from '../clock.ts';
import type { Random } from '../random.ts';
import type { IpcStream } from './connection.ts';

export interface CanaryOptions {
  clock: Clock;
  random: Random;
  everyMs: number;
  patienceMs: number;
  publish: (payload: Uint8Array) => Promise<void>;
  subscribe: (heard: (payload: Uint8Array) => void) => Promise<IpcStream>;
  /** A canary came back. */
  alive: () => void;
  /** One did not, or could not be sent; its own subscription is made anew by itself. */
  dead: (reason: string) => void;
}

/**
 * A message to oneself through the nucleus and IoT Core and back. Subscriptions die without an
 * event when a daemon of the nucleus restarts: a canary that does not come back is how one hears of
 * it, within `everyMs + patienceMs`.
 */
export class Canary {
  readonly #options: CanaryOptions;
  #stream: IpcStream | null = null;
  /** The one that is on its way. */
  #sent: string | null = null;
  #timer: Timer | null = null;
  /** Another number after each start and end: what was begun before is stale. */
  #life = 0;
  #running = false;

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  start(): void {
    this.stop();
    this.#running = true;
    void this.#begin();
  }

  stop(): void {
    this.#running = false;
    this.#reset();
  }

  /** Something else showed that nothing gets through. */
  fail(reason: string): void {
    if (!this.#running) return;
    this.#reset();
    this.#options.dead(reason);
    this.#after(this.#options.patienceMs, () => void this.#begin());
  }

  #reset(): void {
    this.#life += 1;
    this.#sent = null;
    this.#timer?.cancel();
    this.#timer = null;
    this.#stream?.close();
    this.#stream = null;
  }

  #after(delayMs: number, then: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer('nucleus-canary', delayMs, then);
  }

  async #begin(): Promise<void> {
    const life = this.#life;
    try {
      const stream = await this.#options.subscribe((payload) => this.#heard(payload));
      if (life !== this.#life) {
        stream.close();
        return;
      }
      this.#stream = stream;
      await this.#send();
    } catch (error) {
      if (life === this.#life) this.fail(textOf(error));
    }
  }

  async #send(): Promise<void> {
    const life = this.#life;
    const { random, patienceMs } = this.#options;
    this.#sent = random.uuid();
    this.#after(patienceMs, () => this.fail('a canary did not come back'));
    try {
      await this.#options.publish(Buffer.from(this.#sent));
    } catch (error) {
      if (life === this.#life) this.fail(textOf(error));
    }
  }

  #heard(payload: Uint8Array): void {
    if (this.#sent === null || Buffer.from(payload).toString() !== this.#sent) return;
    this.#sent = null;
    this.#after(this.#options.everyMs, () => void this.#send());
    this.#options.alive();
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
