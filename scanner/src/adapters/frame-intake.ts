import type { Verdict } from '@foyer/contracts';

import type { Luminance } from '../domain/luminance.ts';
import type { DecoderPool, PoolResult } from './decoder-pool.ts';
import type { ScanDesk } from './scan-desk.ts';

/** What became of a frame. */
export interface FrameResult {
  readonly texts: string[];
  readonly verdict: Verdict | null;
  readonly decodeMs: number;
  /** From the request that the agent answered to its verdict; null without a verdict. */
  readonly scanMs: number | null;
}

const maxCameras = 64;

/** A frame's way through the scanner: decoded in a worker, its texts to the desk. */
export class FrameIntake {
  readonly #pool: DecoderPool;
  readonly #desk: ScanDesk;
  /** Frames seen, by camera; the one that was quiet for longest comes first. */
  readonly #frames = new Map<string, number>();

  constructor(pool: DecoderPool, desk: ScanDesk) {
    this.#pool = pool;
    this.#desk = desk;
  }

  /**
   * A frame whose sender waits for the answer.
   * @param camera tells cameras apart; undefined: a picture of its own, which is given more time.
   * @throws FoyerError `queue-full`, `image-unreadable`, and those of the agent's client.
   */
  async ask(picture: Luminance, camera: string | undefined): Promise<FrameResult> {
    if (camera === undefined) {
      return this.#scan(await this.#pool.decode(picture, 'single'), 'picture');
    }
    const result = await this.#pool.decode(picture, 'live', this.#turnOf(camera));
    return this.#scan(result, camera);
  }

  /**
   * A frame of a camera that goes on whatever becomes of it.
   * @returns undefined when a newer frame took its place.
   */
  async watch(picture: Luminance, camera: string): Promise<FrameResult | undefined> {
    const result = await this.#pool.decodeNewest(picture, camera, this.#turnOf(camera));
    return result === undefined ? undefined : this.#scan(result, camera);
  }

  // Whose turn it is among the slow passes goes by the camera's own frames.
  #turnOf(camera: string): number {
    const turn = (this.#frames.get(camera) ?? -1) + 1;
    this.#frames.delete(camera);
    this.#frames.set(camera, turn);
    const oldest = this.#frames.keys().next();
    if (this.#frames.size > maxCameras && !oldest.done) this.#frames.delete(oldest.value);
    return turn;
  }

  async #scan({ texts, decodeMs }: PoolResult, camera: string): Promise<FrameResult> {
    let scanMs: number | null = null;
    const verdict = await this.#desk.offer(camera, texts, (answerMs) => {
      scanMs = answerMs;
    });
    return { texts, verdict, decodeMs, scanMs };
  }
}
