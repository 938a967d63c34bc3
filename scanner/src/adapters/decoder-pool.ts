import { Worker } from 'node:worker_threads';

import { FoyerError } from '@foyer/contracts';

import { FrameQueue } from '../domain/frame-queue.ts';
import type { Luminance } from '../domain/luminance.ts';
import type { Effort } from '../domain/passes.ts';
import type { DecodeReply, DecodeRequest, WorkerData } from './decode-messages.ts';
import type { Decoded } from './frame-decoder.ts';
import { loadWasm } from './qr-reader.ts';

/** How a pool is built. */
export interface PoolOptions {
  /** The worker's bundle. Default: `decode-worker.mjs` beside the running bundle. */
  readonly workerUrl?: URL;
  readonly workers: number;
  /** Pictures that may wait. */
  readonly capacity: number;
  /** A picture that takes longer has hung its worker, which is replaced. */
  readonly timeoutMs?: number;
}

/** A decoded picture and the thread that did it (never the caller's). */
export type PoolResult = Decoded & { readonly threadId: number };

/** Counts since the start. */
export interface PoolCounts {
  decoded: number;
  dropped: number;
  refused: number;
  failed: number;
  workersLost: number;
}

interface Job {
  readonly request: DecodeRequest;
  readonly resolve: (result: PoolResult | undefined) => void;
  readonly reject: (error: Error) => void;
}

interface Slot {
  readonly worker: Worker;
  ready: boolean;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
}

const defaultTimeoutMs = 20_000;
// A worker that dies before it was ever ready would be replaced for ever.
const maxFailedStarts = 5;

/** Decodes in worker threads: the thread that calls never waits for a decoder. */
export class DecoderPool {
  readonly counts: PoolCounts = { decoded: 0, dropped: 0, refused: 0, failed: 0, workersLost: 0 };
  readonly #options: PoolOptions;
  readonly #wasmBinary: Uint8Array;
  readonly #queue: FrameQueue<Job>;
  readonly #slots = new Set<Slot>();
  readonly #firstReady: Promise<void>;
  #settleReady: (failure?: FoyerError) => void = () => {};
  #failedStarts = 0;
  #closed = false;

  private constructor(options: PoolOptions, wasmBinary: Uint8Array) {
    this.#options = options;
    this.#wasmBinary = wasmBinary;
    this.#queue = new FrameQueue(options.capacity);
    this.#firstReady = new Promise((resolve, reject) => {
      this.#settleReady = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
    for (let index = 0; index < options.workers; index++) this.#startWorker();
  }

  /**
   * Starts the workers and waits until the first can decode.
   * @throws FoyerError `dependency-missing` when none starts.
   */
  static async start(options: PoolOptions): Promise<DecoderPool> {
    const pool = new DecoderPool(options, await loadWasm());
    await pool.#firstReady;
    return pool;
  }

  /** Pictures that wait for a worker. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Decodes a picture that somebody waits for. The pixels are taken over.
   * @param turn the camera's count of frames, when it is one of many.
   * @throws FoyerError `queue-full` when too many wait already.
   */
  async decode(picture: Luminance, effort: Effort, turn = 0): Promise<PoolResult> {
    const result = await this.#submit({ picture, effort, turn }, undefined);
    if (result === undefined) throw new FoyerError('queue-full', 'The picture was not decoded.');
    return result;
  }

  /**
   * Decodes a camera's frame. The pixels are taken over.
   * @returns undefined when a newer frame of the same camera came before its turn, or the pool
   * closed.
   */
  async decodeNewest(
    picture: Luminance,
    camera: string,
    turn = 0,
  ): Promise<PoolResult | undefined> {
    return this.#submit({ picture, effort: 'live', turn }, camera);
  }

  /** Ends the workers. What waits is not decoded. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.drain()) job.resolve(undefined);
    const slots = [...this.#slots];
    this.#slots.clear();
    for (const slot of slots) {
      clearTimeout(slot.timer);
      slot.job?.resolve(undefined);
      slot.job = undefined;
    }
    await Promise.all(slots.map((slot) => slot.worker.terminate()));
  }

  #submit(request: DecodeRequest, camera: string | undefined): Promise<PoolResult | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    if (this.#slots.size === 0) {
      return Promise.reject(new FoyerError('dependency-missing', 'No decoder could be started.'));
    }
    return new Promise((resolve, reject) => {
      const job: Job = { request, resolve, reject };
      const offer = this.#queue.offer({ item: job, camera });
      if (!offer.taken) {
        this.counts.refused += 1;
        reject(new FoyerError('queue-full', `${this.#queue.length} pictures wait already.`));
        return;
      }
      this.counts.dropped += offer.dropped.length;
      for (const older of offer.dropped) older.resolve(undefined);
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (const slot of this.#slots) {
      if (!slot.ready || slot.job !== undefined) continue;
      const job = this.#queue.take();
      if (job === undefined) return;
      slot.job = job;
      const timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs;
      slot.timer = setTimeout(() => void slot.worker.terminate(), timeoutMs);
      const { buffer } = job.request.picture.data;
      const transfer = buffer instanceof ArrayBuffer && ownsBuffer(job.request.picture.data);
      slot.worker.postMessage(job.request, transfer ? [buffer] : []);
    }
  }

  #startWorker(): void {
    const workerUrl = this.#options.workerUrl ?? new URL('./decode-worker.mjs', import.meta.url);
    const workerData: WorkerData = { wasmBinary: this.#wasmBinary };
    const worker = new Worker(workerUrl, { workerData, name: 'decode' });
    const slot: Slot = { worker, ready: false, job: undefined, timer: undefined };
    this.#slots.add(slot);
    worker.on('message', (reply: DecodeReply) => this.#hear(slot, reply));
    worker.on('error', (error) => this.#lose(slot, error));
    worker.on('exit', () => this.#lose(slot, new Error('its thread ended')));
  }

  #hear(slot: Slot, reply: DecodeReply): void {
    if (reply.kind === 'ready') {
      slot.ready = true;
      this.#failedStarts = 0;
      this.#settleReady();
      this.#dispatch();
      return;
    }
    const { job } = slot;
    clearTimeout(slot.timer);
    slot.job = undefined;
    if (reply.kind === 'decoded') {
      this.counts.decoded += 1;
      job?.resolve({ ...reply.decoded, threadId: reply.threadId });
    } else {
      this.counts.failed += 1;
      job?.reject(new FoyerError('image-unreadable', `Decoding failed: ${reply.message}`));
    }
    this.#dispatch();
  }

  // A picture that kills its worker is given up; the others go on with a new one.
  #lose(slot: Slot, cause: Error): void {
    if (!this.#slots.delete(slot)) return;
    clearTimeout(slot.timer);
    this.counts.workersLost += 1;
    if (slot.job !== undefined) {
      this.counts.failed += 1;
      const message = `The decoder stopped on this picture: ${cause.message}.`;
      slot.job.reject(new FoyerError('image-unreadable', message, { cause }));
    }
    if (!slot.ready) this.#failedStarts += 1;
    if (this.#closed) return;
    if (this.#failedStarts < maxFailedStarts) this.#startWorker();
    else if (this.#slots.size === 0) this.#giveUp(cause);
  }

  #giveUp(cause: Error): void {
    const message = `The decoder does not start: ${cause.message}.`;
    const failure = new FoyerError('dependency-missing', message, { cause });
    this.#settleReady(failure);
    for (const job of this.#queue.drain()) job.reject(failure);
  }
}

// Node's small buffers are slices of one that is shared: those are copied.
const ownsBuffer = (data: Uint8Array): boolean =>
  data.byteOffset === 0 && data.byteLength === data.buffer.byteLength;
