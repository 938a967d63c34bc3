import { FoyerError } from '@foyer/contracts';
import type { Clock, Timer } from '@foyer/platform';
import type { Response } from 'express';

/** The pages of a screen, or the previews of one. */
export interface Listener {
  readonly screenId: string;
  readonly preview: boolean;
}

/** One page that listens. */
interface Reader extends Listener {
  readonly response: Response;
}

type Greet = (screenId: string, preview: boolean) => PageMessage[];

/** A message by its name; the text is made once for all who get it. */
export interface PageMessage {
  readonly event: 'programme' | 'live' | 'command';
  readonly data: string;
}

/** Pages and previews at once; more are refused. */
const maxReaders = 64;
/** A page that takes this much more than it reads is cut off; it comes back by itself. */
const maxWaitingBytes = 16_000_000;
/** `live` again so often although nothing changed: it carries the time. */
const liveEveryMs = 10_000;

const textOf = ({ event, data }: PageMessage): string => `event: ${event}\ndata: ${data}\n\n`;

/** The event streams of the pages. */
export class PageStreams {
  readonly #readers = new Set<Reader>();
  readonly #clock: Clock;
  readonly #greet: Greet;
  readonly #live: () => PageMessage;
  #timer: Timer | null = null;

  /** @param greet what a page is told when it comes; `live` what all are told now and again */
  constructor(clock: Clock, greet: Greet, live: () => PageMessage) {
    this.#clock = clock;
    this.#greet = greet;
    this.#live = live;
  }

  /** Takes over a response. @throws FoyerError `queue-full` when too many read already. */
  serve(response: Response, screenId: string, preview: boolean): void {
    if (this.#readers.size >= maxReaders) {
      throw new FoyerError('queue-full', `${maxReaders} pages follow this player already.`);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 1000\n\n');
    for (const message of this.#greet(screenId, preview)) response.write(textOf(message));
    const reader: Reader = { response, screenId, preview };
    this.#readers.add(reader);
    response.on('close', () => this.#readers.delete(reader));
    this.#arm();
  }

  /** True while a page of this screen, not only a preview, listens. */
  listens(screenId: string): boolean {
    return [...this.#readers].some((reader) => reader.screenId === screenId && !reader.preview);
  }

  /** Who listens, each kind once. */
  listeners(): Listener[] {
    const kinds = [...this.#readers].map(({ screenId, preview }) => ({ screenId, preview }));
    return [...new Map(kinds.map((kind) => [`${kind.screenId} ${kind.preview}`, kind])).values()];
  }

  /** Sends to one kind of listener, or to all. */
  send(message: PageMessage, to?: Listener): void {
    const text = textOf(message);
    for (const reader of this.#readers) {
      const isMeant =
        to === undefined || (reader.screenId === to.screenId && reader.preview === to.preview);
      if (isMeant) this.#write(reader, text);
    }
  }

  /** A command is for the screen's own page. @returns false when none listens. */
  command(data: string, screenId: string): boolean {
    const text = textOf({ event: 'command', data });
    let told = false;
    for (const reader of this.#readers) {
      if (reader.screenId !== screenId || reader.preview) continue;
      this.#write(reader, text);
      told = true;
    }
    return told;
  }

  close(): void {
    this.#timer?.cancel();
    for (const { response } of this.#readers) response.end();
    this.#readers.clear();
  }

  #arm(): void {
    this.#timer ??= this.#clock.setTimer('page-live', liveEveryMs, () => {
      this.#timer = null;
      if (this.#readers.size === 0) return;
      this.send(this.#live());
      this.#arm();
    });
  }

  #write(reader: Reader, text: string): void {
    if (reader.response.writableLength <= maxWaitingBytes) {
      reader.response.write(text);
      return;
    }
    this.#readers.delete(reader);
    reader.response.destroy();
  }
}
