import { FoyerError } from '@foyer/contracts';
import type { Clock, Timer } from '@foyer/platform';
import type { Request, Response } from 'express';
import { EventRing } from '../../domain/event-ring.ts';

/** More readers at once are refused. */
export const maxReaders = 64;
/** A reader that takes this much more than it reads is cut off; it comes back by itself. */
const maxWaitingBytes = 1_048_576;
/** A comment line so often, so that both ends notice a dead connection. */
const keepAliveMs = 15_000;
/** Messages kept for readers that come back: minutes of a busy gate. */
const ringMessages = 1000;

/** Server-sent events with ids, resumable by Last-Event-ID. */
export class EventStream {
  readonly #ring: EventRing;
  readonly #readers = new Set<Response>();
  readonly #clock: Clock;
  #keepAlive: Timer | null = null;

  constructor(clock: Clock, startedAtMs: number) {
    this.#clock = clock;
    // Room for a thousand messages a millisecond keeps the ids of two runs apart.
    this.#ring = new EventRing(ringMessages, Math.floor(startedAtMs) * 1000 + 1);
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Sends to every reader and keeps the message for those that come back. */
  publish(event: string, value: unknown): void {
    const message = this.#ring.add(event, JSON.stringify(value));
    this.#write(`id: ${message.id}\nevent: ${event}\ndata: ${message.data}\n\n`);
  }

  /** Sends to those who read now. A state that is told again soon is not worth keeping. */
  tell(event: string, value: unknown): void {
    if (this.#readers.size > 0) this.#write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
  }

  /** Takes over a response. Throws FoyerError `queue-full` when too many read already. */
  serve(request: Request, response: Response): void {
    if (this.#readers.size >= maxReaders) {
      throw new FoyerError('queue-full', `${maxReaders} readers follow the events already.`);
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 1000\n\n');
    const lastId = Number(request.headers['last-event-id'] ?? Number.NaN);
    if (Number.isSafeInteger(lastId)) {
      for (const message of this.#ring.after(lastId)) {
        response.write(`id: ${message.id}\nevent: ${message.event}\ndata: ${message.data}\n\n`);
      }
    }
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
    if (this.#keepAlive === null) this.#armKeepAlive();
  }

  close(): void {
    this.#keepAlive?.cancel();
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }

  #armKeepAlive(): void {
    this.#keepAlive = this.#clock.setTimer('sse-keep-alive', keepAliveMs, () => {
      this.#keepAlive = null;
      if (this.#readers.size === 0) return;
      this.#write(': still here\n\n');
      this.#armKeepAlive();
    });
  }

  #write(text: string): void {
    for (const reader of this.#readers) {
      if (reader.writableLength > maxWaitingBytes) {
        this.#readers.delete(reader);
        reader.destroy();
      } else {
        reader.write(text);
      }
    }
  }
}
