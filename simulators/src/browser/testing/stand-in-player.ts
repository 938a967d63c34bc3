import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { LiveView, Play, Programme } from '@foyer/contracts';
import { bundleFile } from '@foyer/platform/home';
import { finishApp, newApp, serve } from '@foyer/platform/http';
import type { HttpServer } from '@foyer/platform/http';
import { pageScriptPath, pageShell } from '@foyer/signage-player/page-shell';
import { pageCommandResultSchema, pagePlaysSchema, pulseSchema } from '@foyer/signage-player/wire';
import type { PageCommand, PageCommandResult, Pulse } from '@foyer/signage-player/wire';
import express from 'express';
import type { Express, Request, Response } from 'express';

/** How a file is served: whole, never answered, or begun and never ended. */
export type Serving = 'whole' | 'never' | 'wedged';

interface StoredFile {
  readonly bytes: Buffer;
  readonly mime: string;
  serving: Serving;
}

const noLive: LiveView = {
  admitted: {},
  sold: {},
  waiting: {},
  delays: [],
  emergencies: [],
  gates: [],
};

/**
 * Answers a page as a player does, and can be told to fail: it dies and comes back on its port,
 * serves files slowly or never. Its clock is the machine's, moved by `offsetMs`.
 */
export class StandInPlayer {
  readonly screenId: string;
  readonly pulses: Pulse[] = [];
  readonly results: PageCommandResult[] = [];
  /** By playId: every telling. */
  readonly plays = new Map<string, Play[]>();
  readonly #files = new Map<string, StoredFile>();
  readonly #streams = new Set<Response>();
  #server: HttpServer | undefined;
  #port = 0;
  #programme: Programme | null = null;
  live = noLive;
  offsetMs = 0;
  mode: 'screen' | 'preview' = 'screen';
  atMs: number | null = null;

  constructor(screenId: string) {
    this.screenId = screenId;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/screens/${this.screenId}`;
  }

  /** Ends that were told, each once. */
  get ended(): Play[] {
    return [...this.plays.values()].flatMap(
      (told) => told.filter(({ endedAtMs }) => endedAtMs !== null).at(-1) ?? [],
    );
  }

  nowMs(): number {
    return Date.now() + this.offsetMs;
  }

  /** Keeps a file; answers its name. */
  addFile(bytes: Buffer, mime: string, serving: Serving = 'whole'): string {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#files.set(sha256, { bytes, mime, serving });
    return sha256;
  }

  setServing(sha256: string, serving: Serving): void {
    const file = this.#files.get(sha256);
    if (file) file.serving = serving;
  }

  setProgramme(programme: Programme): void {
    this.#programme = programme;
    for (const stream of this.#streams) this.#sendProgramme(stream);
  }

  setLive(live: Partial<LiveView>): void {
    this.live = { ...this.live, ...live };
    for (const stream of this.#streams) this.#sendLive(stream);
  }

  command(command: PageCommand): void {
    for (const stream of this.#streams) send(stream, 'command', command);
  }

  async start(): Promise<void> {
    const app = newApp();
    this.#routes(app);
    finishApp(app);
    this.#server = await serve(app, { host: '127.0.0.1', port: this.#port });
    this.#port = this.#server.port;
  }

  /** Dies: streams break, and nothing answers until `start`. */
  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
    await this.#server?.close(0);
    this.#server = undefined;
  }

  #routes(app: Express): void {
    const base = `/screens/${this.screenId}`;
    app.use(express.json({ limit: '1mb' }));
    app.get(base, (_request, response) => this.#sendPage(response, base));
    app.get(pageScriptPath, async (_request, response) => {
      response.type('text/javascript').send(await readFile(bundleFile('signage-page')));
    });
    app.get(`${base}/events`, (_request, response) => this.#stream(response));
    app.put(`${base}/pulse`, (request, response) => {
      this.pulses.push(pulseSchema.parse(request.body));
      response.json({ nowMs: this.nowMs(), reload: false });
    });
    app.post(`${base}/plays`, (request, response) => {
      const { plays } = pagePlaysSchema.parse(request.body);
      for (const play of plays) {
        this.plays.set(play.playId, [...(this.plays.get(play.playId) ?? []), play]);
      }
      response.json({ kept: plays.length });
    });
    app.post(`${base}/command-results`, (request, response) => {
      this.results.push(pageCommandResultSchema.parse(request.body));
      response.json({});
    });
    app.get('/media/:sha256', (request, response) => this.#sendFile(request, response));
  }

  #sendPage(response: Response, base: string): void {
    const boot = {
      screenId: this.screenId,
      mode: this.mode,
      atMs: this.atMs,
      base,
      pulseEveryMs: 1000,
      pictureEveryMs: 2000,
      version: 'test',
    };
    const { html, headers } = pageShell(boot, randomBytes(16).toString('base64url'));
    response.set(headers).send(html);
  }

  #stream(response: Response): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    this.#sendProgramme(response);
    this.#sendLive(response);
  }

  #sendProgramme(stream: Response): void {
    const programme = this.#programme;
    if (!programme) return;
    const ready = [...this.#files.keys()];
    const { screenId } = this;
    const message = { programme, screenId, nowMs: this.nowMs(), ready, mediaBase: '/media' };
    send(stream, 'programme', message);
  }

  #sendLive(stream: Response): void {
    send(stream, 'live', { live: this.live, nowMs: this.nowMs() });
  }

  #sendFile(request: Request, response: Response): void {
    const file = this.#files.get(String(request.params.sha256));
    if (!file) return void response.sendStatus(404);
    if (file.serving === 'never') return;
    response.set({ 'content-type': file.mime, 'content-length': String(file.bytes.length) });
    if (file.serving === 'whole') return void response.send(file.bytes);
    response.write(file.bytes.subarray(0, Math.floor(file.bytes.length * 0.6)));
  }
}

function send(stream: Response, name: string, data: object): void {
  stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
