import type { z } from 'zod';

import type {
  Boot,
  LiveMessage,
  PageCommand,
  PageCommandResult,
  PagePlays,
  ProgrammeMessage,
  Pulse,
  pagePlaysResultSchema,
  pulseResultSchema,
} from '../wire.ts';

type PagePlaysResult = z.infer<typeof pagePlaysResultSchema>;
type PulseResult = z.infer<typeof pulseResultSchema>;

/** What the player tells this page. */
export interface LinkHandlers {
  programme(message: ProgrammeMessage): void;
  live(message: LiveMessage): void;
  command(command: PageCommand): void;
}

/** `live` comes at least every 10 s: a stream that is silent for longer is dead. */
const silentMs = 25_000;
const firstRetryMs = 500;
const lastRetryMs = 5000;
const answerMs = 5000;

/**
 * The way to the player on this box. Both are one program and were built together, so that what
 * comes is taken as it is. A player that went away is looked for until it is back.
 */
export class PlayerLink {
  readonly #boot: Boot;
  readonly #handlers: LinkHandlers;
  #source: EventSource | null = null;
  #heardMs = performance.now();
  #retryMs = firstRetryMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(boot: Boot, handlers: LinkHandlers) {
    this.#boot = boot;
    this.#handlers = handlers;
  }

  open(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    if (this.#closed) return;
    const source = new EventSource(`${this.#boot.base}/events`);
    this.#source = source;
    this.#heardMs = performance.now();
    this.#on(source, 'programme', (text) =>
      this.#handlers.programme(JSON.parse(text) as ProgrammeMessage),
    );
    this.#on(source, 'live', (text) => this.#handlers.live(JSON.parse(text) as LiveMessage));
    this.#on(source, 'command', (text) => this.#handlers.command(JSON.parse(text) as PageCommand));
    source.addEventListener('error', () => {
      source.close();
      if (this.#source === source) this.#again();
    });
  }

  /** Call it now and then: a stream that is open and silent is opened anew. */
  check(): void {
    if (performance.now() - this.#heardMs > silentMs) this.open();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#source?.close();
  }

  plays(plays: PagePlays): Promise<PagePlaysResult> {
    return this.#send('POST', 'plays', plays);
  }

  pulse(pulse: Pulse): Promise<PulseResult> {
    return this.#send('PUT', 'pulse', pulse);
  }

  result(result: PageCommandResult): Promise<unknown> {
    return this.#send('POST', 'command-results', result);
  }

  #on(source: EventSource, name: string, handle: (text: string) => void): void {
    source.addEventListener(name, (event: MessageEvent<string>) => {
      this.#heardMs = performance.now();
      this.#retryMs = firstRetryMs;
      handle(event.data);
    });
  }

  #again(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
  }

  async #send<Answer>(method: string, path: string, body: object): Promise<Answer> {
    const response = await fetch(`${this.#boot.base}/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
    });
    if (!response.ok) throw new Error(`The player answers ${response.status}.`);
    return (await response.json()) as Answer;
  }
}
