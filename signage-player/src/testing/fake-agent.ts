import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { LiveView, Play, Programme, ScreenReport } from '@foyer/contracts';

import { emptyLive } from '../domain/alarms.ts';

/** A request that the agent was sent. */
interface Taken {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** An agent's signage API over real HTTP, as much of it as a player uses. */
export class FakeAgent {
  programme: Programme | null = null;
  live: LiveView = emptyLive;
  nowMs: () => number = () => Date.now();
  /** Answers this status to every POST while it is set. */
  failWith: number | null = null;
  readonly taken: Taken[] = [];
  /** What it answers under a path, beside what a player asks. */
  readonly answers = new Map<string, object>();
  readonly plays = new Map<string, Play[]>();
  #server: Server | null = null;
  #port = 0;
  readonly #readers = new Set<ServerResponse>();
  #ids = 0;

  /** Starts, or starts again on the same port. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      void this.#answer(request, response);
    });
    await new Promise<void>((resolve) => {
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#readers.clear();
    server?.closeAllConnections();
    await new Promise<void>((resolve) => {
      if (server === null) resolve();
      else server.close(() => resolve());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Changes what is on, and says so. */
  offer(programme: Programme): void {
    this.programme = programme;
    this.tell('signage', { hash: programme.hash });
  }

  tellLive(change: Partial<LiveView>): void {
    this.live = { ...this.live, ...change };
    this.tell('live', this.live);
  }

  tell(event: string, value: object): void {
    this.#ids += 1;
    const text = `id: ${this.#ids}\nevent: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
    for (const reader of this.#readers) reader.write(text);
  }

  /** The last report of a screen. */
  report(screenId: string): ScreenReport | undefined {
    const path = `/v1/screens/${screenId}/report`;
    return this.taken.findLast((taken) => taken.path === path)?.body as ScreenReport | undefined;
  }

  bodies(path: string): unknown[] {
    return this.taken.filter((taken) => taken.path === path).map(({ body }) => body);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (path === '/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('retry: 1000\n\n');
      this.#readers.add(response);
      response.on('close', () => this.#readers.delete(response));
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    const method = request.method ?? '';
    const body = text === '' ? null : (JSON.parse(text) as unknown);
    if (method === 'POST' && this.failWith !== null) {
      response.writeHead(this.failWith).end('{}');
      return;
    }
    this.taken.push({ method, path, body });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(this.#result(path, body)));
  }

  #result(path: string, body: unknown): object {
    const answer = this.answers.get(path);
    if (answer !== undefined) return answer;
    if (path === '/v1/status') return { node: 'screen-1' };
    if (path === '/v1/signage') {
      return { programme: this.programme, live: this.live, nowMs: this.nowMs() };
    }
    if (path === '/v1/plays') return this.#keep((body as { plays: Play[] }).plays);
    return { atMs: this.nowMs() };
  }

  #keep(plays: readonly Play[]): object {
    for (const play of plays) {
      this.plays.set(play.playId, [...(this.plays.get(play.playId) ?? []), play]);
    }
    return { kept: plays.length, known: 0, refused: 0 };
  }
}
