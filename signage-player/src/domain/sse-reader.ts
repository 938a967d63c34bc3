/** One message of an event stream. */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
}

/** A message larger than this ends the reading: a live view of a large house has 40 KB. */
const maxMessageChars = 4_000_000;

/** Reads server-sent events from pieces of text, wherever they were cut. */
export class SseReader {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #chars = 0;
  #lastId: string | null = null;

  /** The id of the last message that had one, for `Last-Event-ID`. */
  get lastId(): string | null {
    return this.#lastId;
  }

  /** What a lost connection had begun is forgotten. The id stays. */
  restart(): void {
    this.#rest = '';
    this.#clear();
  }

  /** @returns the messages that this piece completed. @throws RangeError beyond 4 M characters. */
  push(text: string): SseMessage[] {
    const lines = (this.#rest + text).split(/\r\n|\n/);
    this.#rest = lines.pop() ?? '';
    this.#bound(this.#rest.length);
    const messages: SseMessage[] = [];
    for (const line of lines) {
      const message = this.#line(line);
      if (message !== null) messages.push(message);
    }
    return messages;
  }

  #line(line: string): SseMessage | null {
    if (line === '') {
      const [event, data] = [this.#event === '' ? 'message' : this.#event, this.#data];
      this.#clear();
      return data.length === 0 ? null : { event, data: data.join('\n') };
    }
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#event = value;
    if (field === 'id') this.#lastId = value;
    if (field === 'data') {
      this.#data.push(value);
      this.#chars += value.length;
      this.#bound(this.#chars);
    }
    return null;
  }

  #bound(chars: number): void {
    if (chars <= maxMessageChars) return;
    this.restart();
    throw new RangeError('A message of the event stream is too large.');
  }

  #clear(): void {
    this.#event = '';
    this.#data = [];
    this.#chars = 0;
  }
}
