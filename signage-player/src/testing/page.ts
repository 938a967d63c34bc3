import type { z } from 'zod';

import { SseReader } from '../domain/sse-reader.ts';
import { pageEventSchemas } from '../wire.ts';
import type { LiveMessage, PageCommand, ProgrammeMessage, Pulse } from '../wire.ts';

/** A page without a browser: it listens, and says what a test wants. */
export class TestPage {
  readonly programmes: ProgrammeMessage[] = [];
  readonly lives: LiveMessage[] = [];
  readonly commands: PageCommand[] = [];
  readonly #base: string;
  readonly #stop = new AbortController();

  constructor(port: number, screenId: string, kind: 'screens' | 'preview' = 'screens') {
    this.#base = `http://127.0.0.1:${port}/${kind}/${screenId}`;
  }

  async open(): Promise<void> {
    const response = await fetch(`${this.#base}/events`, { signal: this.#stop.signal });
    void this.#listen(response).catch(() => undefined);
  }

  close(): void {
    this.#stop.abort();
  }

  pulse(change: Partial<Pulse> = {}): Promise<Response> {
    return this.#send('PUT', 'pulse', {
      pageId: '00000000-0000-4000-8000-000000000001',
      atMs: Date.now(),
      programmeHash: null,
      mode: 'normal',
      playing: null,
      emergencyId: null,
      display: 'matched',
      picture: null,
      heapBytes: null,
      blankMs: 0,
      plays: 0,
      faults: [],
      queued: 0,
      ...change,
    });
  }

  plays(plays: readonly object[]): Promise<Response> {
    return this.#send('POST', 'plays', { plays });
  }

  result(result: object): Promise<Response> {
    return this.#send('POST', 'command-results', result);
  }

  #send(method: string, path: string, body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(`${this.#base}/${path}`, { method, headers, body: JSON.stringify(body) });
  }

  async #listen(response: Response): Promise<void> {
    if (response.body === null) return;
    const reader = new SseReader();
    const decoder = new TextDecoder();
    const parse = <T>(schema: z.ZodType<T>, data: string): T => schema.parse(JSON.parse(data));
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      for (const { event, data } of reader.push(decoder.decode(piece, { stream: true }))) {
        if (event === 'programme') {
          this.programmes.push(parse(pageEventSchemas.programme, data));
        } else if (event === 'live') this.lives.push(parse(pageEventSchemas.live, data));
        else if (event === 'command') this.commands.push(parse(pageEventSchemas.command, data));
      }
    }
  }
}
