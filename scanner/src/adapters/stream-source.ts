import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

import type { Clock, Logger, Timer } from '@foyer/platform';

import type { Luminance } from '../domain/luminance.ts';

/** A camera, a video file or a network stream, read through ffmpeg. */
export interface StreamOptions {
  readonly name: string;
  /** What follows `-i`: `/dev/video0`, `rtsp://...`, `clip.mp4`. */
  readonly input: string;
  /** What precedes `-i`, as `-f v4l2` or `-rtsp_transport tcp`. */
  readonly inputArguments: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** The program to run. */
  readonly ffmpeg: string;
  /** Start again when the stream ends (a camera), or stop (a file). */
  readonly restart: boolean;
}

/** A source that runs. */
export interface RunningSource {
  /** Settles when the source ended by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Where frames go; they are not waited for, so the receiver drops what it cannot keep up with. */
export type TakeFrame = (frame: Luminance) => void;

const firstPauseMs = 250;
const longestPauseMs = 15_000;
// A stream that ran this long was healthy: its next failure starts with a short pause again.
const healthyMs = 10_000;
const keptErrorChars = 400;
const killAfterMs = 2_000;

export const ffmpegArguments = (options: StreamOptions): string[] => [
  ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
  ...options.inputArguments,
  ...['-i', options.input, '-an', '-sn'],
  ...['-vf', `fps=${options.framesPerSecond},scale=${options.width}:${options.height},format=gray`],
  ...['-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
];

/** Cuts a byte stream into frames of one size. Holds at most one incomplete frame. */
export class FrameCutter {
  readonly #size: { readonly width: number; readonly height: number };
  #frame: Uint8Array;
  #filled = 0;

  constructor(width: number, height: number) {
    this.#size = { width, height };
    this.#frame = new Uint8Array(width * height);
  }

  /** @returns the frames that these bytes complete. */
  push(bytes: Uint8Array): Luminance[] {
    const frames: Luminance[] = [];
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#frame.length) continue;
      frames.push({ data: this.#frame, ...this.#size });
      this.#frame = new Uint8Array(this.#frame.length);
      this.#filled = 0;
    }
    return frames;
  }
}

/**
 * Reads a stream until it is stopped. A failure is logged with ffmpeg's own words and tried again
 * after 0.25 s to 15 s; a missing ffmpeg is said so and tried again likewise.
 */
export function startStream(
  options: StreamOptions,
  takeFrame: TakeFrame,
  seams: { clock: Clock; logger: Logger },
): RunningSource {
  return new Stream(options, takeFrame, seams);
}

class Stream implements RunningSource {
  readonly ended: Promise<void>;
  readonly #options: StreamOptions;
  readonly #takeFrame: TakeFrame;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #settleEnded: () => void = () => {};
  #child: ChildProcess | undefined;
  #timer: Timer | undefined;
  #pauseMs = firstPauseMs;
  #stopped = false;

  constructor(
    options: StreamOptions,
    takeFrame: TakeFrame,
    seams: { clock: Clock; logger: Logger },
  ) {
    this.#options = options;
    this.#takeFrame = takeFrame;
    this.#clock = seams.clock;
    this.#logger = seams.logger.child({ source: options.name });
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    const child = this.#child;
    if (child === undefined) {
      this.#settleEnded();
      return;
    }
    child.kill('SIGTERM');
    const killer = this.#clock.setTimer('ffmpeg-kill', killAfterMs, () => child.kill('SIGKILL'));
    await this.ended;
    killer.cancel();
  }

  #run(): void {
    const startedMs = this.#clock.monotonicMs();
    const cutter = new FrameCutter(this.#options.width, this.#options.height);
    const child = spawn(this.#options.ffmpeg, ffmpegArguments(this.#options), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let words = '';
    let missing = false;
    child.stdout.on('data', (bytes: Buffer) => {
      for (const frame of cutter.push(bytes)) this.#takeFrame(frame);
    });
    child.stderr.on('data', (bytes: Buffer) => {
      words = (words + bytes.toString()).slice(-keptErrorChars);
    });
    child.on('error', (error) => {
      missing = Reflect.get(error, 'code') === 'ENOENT';
      words = error.message;
    });
    child.on('close', (code) => {
      this.#child = undefined;
      const ranMs = this.#clock.monotonicMs() - startedMs;
      this.#afterwards({ code, words: words.trim(), missing, ranMs });
    });
  }

  #afterwards(end: { code: number | null; words: string; missing: boolean; ranMs: number }): void {
    if (end.missing) {
      const message = `"${this.#options.ffmpeg}" is not installed: cameras need it.`;
      this.#logger.error('dependency-missing', { message });
    } else if (!this.#stopped && (end.code !== 0 || this.#options.restart)) {
      this.#logger.warn('stream-ended', { code: end.code, message: end.words });
    }
    if (this.#stopped || (!this.#options.restart && end.code === 0)) {
      this.#settleEnded();
      return;
    }
    if (end.ranMs >= healthyMs) this.#pauseMs = firstPauseMs;
    this.#timer = this.#clock.setTimer('stream-restart', this.#pauseMs, () => this.#run());
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }
}
