import { Readable } from 'node:stream';

import { FoyerError, isFoyerError, type Operation } from '@foyer/contracts';
import type { Clock, Logger, Random } from '@foyer/platform';
import { assetFile } from '@foyer/platform/home';
import {
  finishApp,
  localOnly,
  mountOperation,
  mountOperations,
  newApp,
  serve,
} from '@foyer/platform/http';
import express, { type Express, type Request, type Response as Answer } from 'express';

import type { ManagerConfig } from './config.ts';
import { House } from './house.ts';
import { managerOperations, passages, type Passage } from './operations.ts';
import { Doorman } from './roles.ts';
import { Upstream } from './upstream.ts';

export interface ManagerSeams {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface RunningManager {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

const agentTimeoutMs = 5000;
const cloudTimeoutMs = 30_000;
/** A film of 500 MB on a slow line. */
const uploadMs = 3_600_000;

/** Origins whose previews the page may frame. */
const originsOf = (urls: readonly string[]): string =>
  urls.length === 0 ? "'none'" : urls.map((url) => new URL(url).origin).join(' ');

function pageHeaders(config: ManagerConfig): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    `frame-src ${originsOf(config.players)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
}

class Manager {
  readonly #config: ManagerConfig;
  readonly #seams: ManagerSeams;
  readonly #doorman: Doorman;
  readonly #house: House;
  readonly #upstreams: Readonly<Record<Passage['to'], Upstream>>;

  constructor(config: ManagerConfig, seams: ManagerSeams) {
    const { agentUrl, cloudUrl, apiKey, players } = config;
    this.#config = config;
    this.#seams = seams;
    this.#doorman = new Doorman(config.roles);
    const agent = new Upstream({ name: 'The agent', url: agentUrl, timeoutMs: agentTimeoutMs });
    const cloud = { name: 'The cloud', url: cloudUrl, apiKey, timeoutMs: cloudTimeoutMs };
    this.#upstreams = { agent, cloud: new Upstream(cloud) };
    this.#house = new House({ ...seams, agentUrl, agent, players });
  }

  async start(): Promise<RunningManager> {
    const { listen } = this.#config;
    const server = await serve(this.#app(), listen, { requestTimeoutMs: uploadMs });
    this.#house.start();
    const close = async (): Promise<void> => {
      this.#house.close();
      await server.close(0);
    };
    return { port: server.port, url: server.url, close };
  }

  #app(): Express {
    const app = newApp();
    const { logger } = this.#seams;
    app.use(localOnly((reason) => logger.warn('foreign-request', { reason })));
    const headers = pageHeaders(this.#config);
    app.use((_request, response, next) => {
      response.set(headers);
      next();
    });
    const house = this.#house;
    mountOperations(
      app,
      managerOperations,
      {
        me: ({ request }) => this.#doorman.personOf(request),
        overview: () => house.overview(),
        schedule: ({ query }) => house.schedule(query.screenId, query.at, query.minutes),
      },
      { before: (request) => this.#doorman.check(request, 'viewer') },
    );
    for (const [name, passage] of Object.entries(passages)) this.#mount(app, name, passage);
    app.use(express.static(assetFile('signage-player/src/manager/page'), { etag: true }));
    finishApp(app, (error) => logger.error('request-failed', { reason: String(error) }));
    return app;
  }

  #mount(app: Express, name: string, passage: Passage): void {
    const { operation, role } = passage;
    mountOperation(
      app,
      operation,
      async ({ params, query, body, request, response }) => {
        const parts = { params, query, body: this.#signed(name, body, request) };
        try {
          const answer = await this.#pass(name, passage, { ...parts, request });
          await this.#answer(operation, params, answer, response);
          this.#audit(name, operation, request, { params, outcome: 'done' });
        } catch (error) {
          const outcome = isFoyerError(error) ? error.code : 'internal';
          this.#audit(name, operation, request, { params, outcome });
          throw error;
        }
        return undefined as never;
      },
      {
        before: (request) => {
          try {
            this.#doorman.check(request, role);
          } catch (error) {
            const outcome = isFoyerError(error) ? error.code : 'internal';
            if (operation.method !== 'get') {
              this.#seams.logger.warn('refused', { operation: name, outcome });
            }
            throw error;
          }
        },
      },
    );
  }

  #pass(
    name: string,
    { operation, to }: Passage,
    parts: { params: unknown; query: unknown; body: unknown; request: Request },
  ): Promise<Response> {
    const { request, ...ask } = parts;
    const stream = name === 'putMedia' ? { stream: request } : {};
    const { range } = request.headers;
    return this.#upstreams[to].open(operation, { ...ask, ...stream, range });
  }

  /** Whoever raises an emergency is named by the token, whatever the request says. */
  #signed(name: string, body: unknown, request: Request): unknown {
    if (name !== 'raiseEmergency') return body;
    return { ...(body as object), by: this.#doorman.personOf(request).name };
  }

  async #answer(
    operation: Operation,
    params: unknown,
    answer: Response,
    response: Answer,
  ): Promise<void> {
    response.status(answer.status);
    if (operation.response !== undefined) {
      response.type('application/json').send(await answer.text());
      return;
    }
    const sha256 = (params as { sha256?: string }).sha256 ?? '';
    response.type(this.#house.imageTypeOf(sha256) ?? 'application/octet-stream');
    const range = answer.headers.get('content-range');
    if (range !== null) response.set('content-range', range);
    if (answer.body === null) throw new FoyerError('link-down', 'The cloud sent no file.');
    Readable.fromWeb(answer.body as never).pipe(response);
  }

  /** A line for each change, done or refused, with who asked for it. */
  #audit(
    name: string,
    operation: Operation,
    request: Request,
    facts: { params: unknown; outcome: string },
  ): void {
    if (operation.method === 'get') return;
    const { name: by, role } = this.#doorman.personOf(request);
    const body: unknown = request.body;
    const told = name === 'putMedia' ? undefined : JSON.stringify(body)?.slice(0, 300);
    const { outcome } = facts;
    const params = JSON.stringify(facts.params);
    this.#seams.logger.info('change', { by, role, operation: name, outcome, params, told });
  }
}

/** Serves the management page of one theatre's screens. */
export function startManager(config: ManagerConfig, seams: ManagerSeams): Promise<RunningManager> {
  return new Manager(config, seams).start();
}
