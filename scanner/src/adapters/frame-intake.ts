import { FoyerError } from '@foyer/contracts';
import type { Verdict } from '@foyer/contracts';
import type { Clock } from '@foyer/platform';

import { EvidenceLog } from '../domain/evidence.ts';
import type { Luminance } from '../domain/luminance.ts';
import type { DecoderPool, FrameHistory, PoolResult } from './decoder-pool.ts';
import type { ScanDesk } from './scan-desk.ts';

/** What became of a frame. */
export interface FrameResult {
  readonly texts: string[];
  readonly verdict: Verdict | null;
  readonly decodeMs: number;
  /** From asking the agent to its verdict; null without a verdict. */
  readonly scanMs: number | null;
}

interface Camera {
  readonly log: EvidenceLog;
  frames: number;
}

const maxCameras = 64;

/** A frame's way through the scanner: decoded in a worker, its texts to the desk. */
export class FrameIntake {
  readonly #pool: DecoderPool;
  readonly #desk: ScanDesk;
  readonly #clock: Clock;
  readonly #cameras = new Map<string, Camera>();

  constructor(pool: DecoderPool, desk: ScanDesk, clock: Clock) {
    this.#pool = pool;
    this.#desk = desk;
    this.#clock = clock;
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
    const result = await this.#pool.decode(picture, 'live', this.#before(camera));
    return this.#scan(this.#after(result, camera), camera);
  }

  /**
   * A frame of a camera that goes on whatever becomes of it.
   * @returns undefined when a newer frame took its place.
   */
  async watch(picture: Luminance, camera: string): Promise<FrameResult | undefined> {
    const result = await this.#pool.decodeNewest(picture, camera, this.#before(camera));
    return result === undefined ? undefined : this.#scan(this.#after(result, camera), camera);
  }

  #before(name: string): FrameHistory {
    const camera = this.#cameras.get(name) ?? { log: new EvidenceLog(), frames: 0 };
    this.#cameras.delete(name);
    this.#cameras.set(name, camera);
    const oldest = this.#cameras.keys().next();
    if (this.#cameras.size > maxCameras && !oldest.done) this.#cameras.delete(oldest.value);
    camera.frames += 1;
    return { turn: camera.frames, earlier: camera.log.recent(this.#clock.monotonicMs()) };
  }

  #after(result: PoolResult, name: string): PoolResult {
    const log = this.#cameras.get(name)?.log;
    if (result.texts.length > 0) log?.clear();
    else if (result.evidence !== undefined) log?.add(result.evidence, this.#clock.monotonicMs());
    return result;
  }

  async #scan({ texts, decodeMs }: PoolResult, camera: string): Promise<FrameResult> {
    const askedMs = this.#clock.monotonicMs();
    const verdict = await this.#desk.offer(camera, texts);
    const scanMs = verdict === null ? null : this.#clock.monotonicMs() - askedMs;
    return { texts, verdict, decodeMs, scanMs };
  }
}

/** Checks a raw frame's size against its bytes. @throws FoyerError `image-unreadable`. */
export function rawPicture(data: Uint8Array, width: number, height: number): Luminance {
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (whole && width * height === data.length) return { data: new Uint8Array(data), width, height };
  const message = `A raw frame of ${data.length} bytes cannot be ${width}x${height} pixels.`;
  throw new FoyerError('image-unreadable', message);
}
