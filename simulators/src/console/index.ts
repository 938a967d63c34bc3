import express from 'express';
import type { Request, Response } from 'express';
import { z } from 'zod';

import { FoyerError } from '@foyer/contracts';
import type { ScreenState } from '@foyer/contracts';
import { assetFile } from '@foyer/platform/home';
import { finishApp, localOnly, newApp, serve } from '@foyer/platform/http';

import { faultNames, targetOf } from '../up/faults.ts';
import type { Observer } from '../up/observer.ts';
import { nodesOf } from '../up/settings.ts';
import type { Tally } from '../up/tally.ts';
import type { Theatre } from '../up/theatre.ts';
import { theatreName } from '../world/index.ts';
import { Throughput, lineOf, nodeView, screenView, totalsOf } from './snapshot.ts';
import type { ShownLine } from './snapshot.ts';

/** What the console watches and breaks. */
export interface ConsoleOptions {
  readonly theatre: Theatre;
  readonly tally: Tally;
  readonly observer: Observer;
  /** 0 takes a free one. */
  readonly port: number;
}

/** A console that is being served. */
export interface RunningConsole {
  readonly url: string;
  close(): Promise<void>;
}

const pollMs = 500;
const keptLines = 60;
const throughputS = 90;
const mostViewers = 32;
/** A page that takes this much more than it reads is cut off. */
const maxWaitingBytes = 1_048_576;

const switchSchema = z.strictObject({ broken: z.boolean() });

/** Watches a theatre and tells the pages that look at it. */
class Watch {
  readonly #options: ConsoleOptions;
  readonly #viewers = new Set<Response>();
  readonly #lines: ShownLine[] = [];
  readonly #throughput = new Throughput(throughputS);
  readonly #startedAtMs = Date.now();
  #last = '';
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    options.tally.onVerdict((report) => {
      this.#throughput.add(report, Date.now());
      const line = lineOf(report);
      this.#lines.push(line);
      if (this.#lines.length > keptLines) this.#lines.shift();
      this.#tell('verdict', JSON.stringify(line));
    });
  }

  start(): void {
    void this.#poll();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const viewer of this.#viewers) viewer.end();
  }

  /** Serves one page's event stream until it goes away. */
  view(request: Request, response: Response): void {
    if (this.#viewers.size >= mostViewers) {
      throw new FoyerError('queue-full', `${mostViewers} pages look at this console already.`);
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'keep-alive',
    });
    response.write(`event: lines\ndata: ${JSON.stringify(this.#lines)}\n\n`);
    if (this.#last !== '') response.write(`event: state\ndata: ${this.#last}\n\n`);
    this.#viewers.add(response);
    request.on('close', () => this.#viewers.delete(response));
  }

  /** Breaks or mends by the name of a fault, then tells the pages at once. */
  async turn(name: string, broken: boolean): Promise<void> {
    const { theatre } = this.#options;
    if (!faultNames(theatre.settings.gates, theatre.settings.boxes).includes(name)) {
      throw new FoyerError('not-found', `There is no "${name}" to break in this theatre.`);
    }
    if (this.#broken().includes(name) === broken) return;
    await (broken ? theatre.begin(targetOf(name)) : theatre.mend(targetOf(name)));
  }

  #broken(): string[] {
    const { theatre } = this.#options;
    return [...theatre.cabling.cuts, ...theatre.killed];
  }

  async #poll(): Promise<void> {
    if (this.#viewers.size > 0 || this.#last === '') {
      const state = await this.#look();
      this.#last = JSON.stringify(state);
      this.#tell('state', this.#last);
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.#poll(), pollMs);
  }

  async #look(): Promise<object> {
    const { theatre, tally, observer } = this.#options;
    const nodes = nodesOf(theatre.settings);
    const [screens, cloud, ...states] = await Promise.all([
      this.#screens(),
      observer.summary(),
      ...nodes.map((node) => observer.status(node)),
    ]);
    return {
      name: theatreName,
      runningMs: Date.now() - this.#startedAtMs,
      broken: this.#broken(),
      crashes: theatre.crashes,
      wanBytes: theatre.cabling.wanBytes,
      cloud:
        cloud === undefined
          ? null
          : {
              bookings: cloud.bookings,
              tickets: cloud.tickets,
              admissions: cloud.admissions,
              denials: cloud.denials,
              deadLetters: cloud.deadLetters,
            },
      nodes: nodes.map((node, index) => nodeView(node, states[index], tally)),
      managerUrl: theatre.managerUrl,
      screens: screens.map((screen) => screenView(screen, (name) => theatre.urlOf(name))),
      totals: totalsOf(tally, cloud),
      throughput: this.#throughput.series(Date.now()),
    };
  }

  /** What the screens say of themselves, from any node that answers. */
  async #screens(): Promise<ScreenState[]> {
    const { theatre, observer } = this.#options;
    if (theatre.settings.boxes === 0) return [];
    for (const node of nodesOf(theatre.settings)) {
      const screens = await observer.screens(node);
      if (screens.length > 0) return screens;
    }
    return [];
  }

  #tell(event: string, data: string): void {
    for (const viewer of this.#viewers) {
      // It comes back by itself, and is told everything anew.
      if (viewer.writableLength > maxWaitingBytes) viewer.destroy();
      else viewer.write(`event: ${event}\ndata: ${data}\n\n`);
    }
  }
}

/** Serves the console page on loopback. @throws the system's error when the port is taken. */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const watch = new Watch(options);
  const app = newApp();
  // A page elsewhere must not break this theatre.
  app.use(localOnly());
  app.use((_request, response, next) => {
    response.setHeader('content-security-policy', "default-src 'self'; img-src 'self' data:");
    response.setHeader('x-content-type-options', 'nosniff');
    next();
  });
  app.get('/events', (request, response) => watch.view(request, response));
  app.put('/switches/:name', express.json({ limit: 1024 }), async (request, response) => {
    const parsed = switchSchema.safeParse(request.body);
    if (!parsed.success) {
      throw new FoyerError('bad-request', 'Send {"broken": true} or {"broken": false} as JSON.');
    }
    await watch.turn(String(request.params['name']), parsed.data.broken);
    response.json({ broken: parsed.data.broken });
  });
  app.use(express.static(assetFile('simulators/src/console/page'), { cacheControl: false }));
  finishApp(app);
  const server = await serve(app, { host: '127.0.0.1', port: options.port });
  watch.start();
  return {
    url: server.url,
    async close() {
      watch.close();
      await server.close(0);
    },
  };
}
