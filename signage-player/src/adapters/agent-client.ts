import { setMaxListeners } from 'node:events';

import { signageEventSchemas, signageViewSchema, statusSchema } from '@foyer/contracts';
import type { LiveView, NodeId, Programme, ScreenCommand } from '@foyer/contracts';
import { backoffMs, lanBackoff } from '@foyer/platform';
import type { Clock, Logger, Random, Timer } from '@foyer/platform';
import { z } from 'zod';

import { SseReader } from '../domain/sse-reader.ts';
import { QuietLimit } from './quiet-limit.ts';

/** What the agent tells. */
export interface AgentListener {
  /** The agent answers, or does not any more. */
  onLink(up: boolean): void;
  onNode(node: NodeId): void;
  /** A programme with a hash that was not known. */
  onProgramme(programme: Programme): void;
  onLive(live: LiveView): void;
  onCommand(command: ScreenCommand): void;
  /** The agent's time as of now, half of the request's way added. */
  onTime(nowMs: number): void;
}

export interface AgentClientOptions {
  readonly agentUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly listener: AgentListener;
  /** The hash of the newest programme that was told; a read of the same one is cheap. */
  readonly knownHash: () => string | null;
}

/** What an agent answered to a request that it took. */
export interface AgentAnswer {
  readonly status: number;
  readonly body: unknown;
}

const maxRequests = 256;
const requestTimeoutMs = 5_000;
/** The agent says something every 15 s. */
const silentMs = 40_000;
/** The programme is read again so often although no event said so: an event may be lost. */
const rereadMs = 60_000;
const rereadAfterFailureMs = 1_000;

const briefSchema = z.object({
  programme: z.object({ hash: z.string() }).nullable(),
  live: z.unknown(),
  nowMs: z.number(),
});

/** Follows the agent on this box: reads, listens, and comes back for ever. */
export class AgentClient {
  readonly #options: AgentClientOptions;
  readonly #base: string;
  readonly #sse = new SseReader();
  readonly #stop = new AbortController();
  #timer: Timer | null = null;
  #reading = false;
  #readAgain = false;
  #nodeKnown = false;
  /** Live views that the event stream brought: each is newer than what was asked for before it. */
  #livesHeard = 0;
  #up: boolean | null = null;

  constructor(options: AgentClientOptions) {
    this.#options = options;
    // One listener for each request under way; a box of many screens has more than ten.
    setMaxListeners(maxRequests, this.#stop.signal);
    this.#base = options.agentUrl.replace(/\/$/, '');
  }

  start(): void {
    void this.#follow();
    this.#armReread();
  }

  close(): void {
    this.#stop.abort();
    this.#timer?.cancel();
  }

  /** Asks the agent once. @throws when it does not answer within 5 s. */
  async ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<AgentAnswer> {
    const limit = new QuietLimit(this.#stop.signal, requestTimeoutMs);
    try {
      const response = await fetch(this.#base + path, {
        method,
        signal: limit.signal,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    } finally {
      limit.end();
    }
  }

  async #follow(): Promise<void> {
    const { clock, random, logger } = this.#options;
    for (let failures = 0; !this.#stop.signal.aborted;) {
      try {
        await this.#listen(() => {
          failures = 0;
        });
      } catch (error) {
        if (failures === 0) logger.debug('agent-events-ended', { message: String(error) });
      }
      failures += 1;
      this.#setUp(false);
      const delayMs = 20 + backoffMs(failures, lanBackoff, random);
      await new Promise<void>((resolve) => {
        clock.setTimer('agent-again', delayMs, resolve);
      });
    }
  }

  async #listen(onOpen: () => void): Promise<void> {
    const limit = new QuietLimit(this.#stop.signal, silentMs);
    this.#sse.restart();
    try {
      const response = await fetch(`${this.#base}/v1/events`, {
        signal: limit.signal,
        headers: {
          accept: 'text/event-stream',
          ...(this.#sse.lastId === null ? {} : { 'last-event-id': this.#sse.lastId }),
        },
      });
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        throw new Error(`The agent's events say ${response.status}.`);
      }
      onOpen();
      void this.#read();
      const decoder = new TextDecoder();
      for await (const piece of response.body as AsyncIterable<Uint8Array>) {
        limit.moved();
        for (const message of this.#sse.push(decoder.decode(piece, { stream: true }))) {
          this.#take(message.event, message.data);
        }
      }
    } finally {
      limit.end();
    }
  }

  #take(event: string, data: string): void {
    const { listener, logger } = this.#options;
    try {
      if (event === 'signage') {
        const { hash } = signageEventSchemas.signage.parse(JSON.parse(data));
        if (hash !== this.#options.knownHash()) void this.#read();
      } else if (event === 'live') {
        this.#livesHeard += 1;
        listener.onLive(signageEventSchemas.live.parse(JSON.parse(data)));
      } else if (event === 'command') {
        listener.onCommand(signageEventSchemas.command.parse(JSON.parse(data)));
      }
    } catch (error) {
      logger.warn('agent-event-unreadable', { event, message: String(error).slice(0, 300) });
    }
  }

  #armReread(delayMs = rereadMs): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer('signage-read', delayMs, () => {
      this.#armReread();
      void this.#read();
    });
  }

  async #read(): Promise<void> {
    this.#readAgain = this.#reading;
    if (this.#reading) return;
    this.#reading = true;
    try {
      do {
        this.#readAgain = false;
        await this.#readOnce();
      } while (this.#readAgain as boolean);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#options.logger.warn('signage-unreadable', { message: String(error).slice(0, 300) });
      this.#armReread(rereadAfterFailureMs);
    } finally {
      this.#reading = false;
    }
  }

  async #readOnce(): Promise<void> {
    const { clock, listener } = this.#options;
    if (!this.#nodeKnown) {
      const status = await this.ask('GET', '/v1/status');
      listener.onNode(statusSchema.shape.node.parse((status.body as { node?: unknown }).node));
      this.#nodeKnown = true;
    }
    const askedMs = clock.monotonicMs();
    const heard = this.#livesHeard;
    const { status, body } = await this.ask('GET', '/v1/signage');
    if (status !== 200) throw new Error(`GET /v1/signage says ${status}.`);
    const { programme, live, nowMs } = briefSchema.parse(body);
    listener.onTime(nowMs + Math.round((clock.monotonicMs() - askedMs) / 2));
    this.#setUp(true);
    if (heard === this.#livesHeard) listener.onLive(signageViewSchema.shape.live.parse(live));
    if (programme === null || programme.hash === this.#options.knownHash()) return;
    const view = signageViewSchema.parse(body);
    if (view.programme !== null) listener.onProgramme(view.programme);
  }

  #setUp(up: boolean): void {
    if (this.#up === up) return;
    this.#up = up;
    this.#options.listener.onLink(up);
  }
}
