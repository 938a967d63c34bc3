/** A message of the local event stream. Ids grow by one, so that a reader can resume after one. */
export interface StreamMessage {
  id: number;
  event: string;
  /** JSON text. */
  data: string;
}

/** The last messages of a stream, for readers that come back with the id of the last they saw. */
export class EventRing {
  readonly #capacity: number;
  readonly #messages: StreamMessage[] = [];
  #lastId: number;

  /** `firstId` differs between runs, so that an id of an earlier run is known for what it is. */
  constructor(capacity: number, firstId: number) {
    this.#capacity = capacity;
    this.#lastId = firstId - 1;
  }

  add(event: string, data: string): StreamMessage {
    this.#lastId += 1;
    const message = { id: this.#lastId, event, data };
    this.#messages.push(message);
    if (this.#messages.length > this.#capacity) this.#messages.shift();
    return message;
  }

  /**
   * What follows `id`: all that is kept when the id is of an earlier run or was dropped meanwhile,
   * nothing when it is the last.
   */
  after(id: number): StreamMessage[] {
    if (id > this.#lastId) return [...this.#messages];
    return this.#messages.filter((message) => message.id > id);
  }
}
