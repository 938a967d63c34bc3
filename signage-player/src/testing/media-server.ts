import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { TestFile } from './house.ts';

/** What the server does wrong with its next answers. */
export type MediaFault = 'cut' | 'wrong-bytes' | 'ignore-range' | 'too-long' | 'stall' | 'error';

/** A cloud that serves media over real HTTP, with ranges, and faults on request. */
export class MediaServer {
  readonly asked: { sha256: string; range: string | null }[] = [];
  /** Taken from the front, one an answer. */
  readonly faults: MediaFault[] = [];
  readonly #files = new Map<string, Buffer>();
  readonly #server: Server;
  readonly #stalled = new Set<ServerResponse>();

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<MediaServer> {
    const media = new MediaServer();
    await new Promise<void>((resolve) => {
      media.#server.listen(0, '127.0.0.1', resolve);
    });
    return media;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  add(...files: TestFile[]): void {
    for (const { sha256, bytes } of files) this.#files.set(sha256, bytes);
  }

  remove(sha256: string): void {
    this.#files.delete(sha256);
  }

  async close(): Promise<void> {
    for (const response of this.#stalled) response.destroy();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const sha256 = /^\/v1\/media\/([0-9a-f]{64})$/.exec(request.url ?? '')?.[1] ?? '';
    const range = request.headers.range ?? null;
    this.asked.push({ sha256, range });
    const bytes = this.#files.get(sha256);
    const fault = this.faults.shift();
    if (bytes === undefined || fault === 'error') {
      response.writeHead(bytes === undefined ? 404 : 500).end();
      return;
    }
    const from = fault === 'ignore-range' || range === null ? 0 : Number(/\d+/.exec(range)?.[0]);
    const rest = bytes.subarray(from);
    if (from > 0) {
      const total = bytes.length;
      response.writeHead(206, { 'content-range': `bytes ${from}-${total - 1}/${total}` });
    } else {
      response.writeHead(200);
    }
    this.#send(rest, fault, response);
  }

  #send(bytes: Buffer, fault: MediaFault | undefined, response: ServerResponse): void {
    if (fault === 'wrong-bytes') response.end(Buffer.alloc(bytes.length, 7));
    else if (fault === 'too-long') response.end(Buffer.concat([bytes, Buffer.alloc(100)]));
    else if (fault === 'cut') {
      response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    } else if (fault === 'stall') {
      response.write(bytes.subarray(0, bytes.length >> 1));
      this.#stalled.add(response);
    } else response.end(bytes);
  }
}
