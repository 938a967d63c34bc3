import { FoyerError } from '@foyer/contracts';
import express, {
  type ErrorRequestHandler,
  type Express,
  type NextFunction,
  type Request,
  type Response,
} from 'express';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { statusOf, problemOf, sendProblem } from './problem.ts';

/** An Express application without the header that names Express and without weak ETags. */
export function newApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  return app;
}

/**
 * Ends an application's routes: an unknown path answers `not-found`, and every error a problem with
 * its status. `onFault` is told of errors that are not the client's. Call it after the last route.
 */
export function finishApp(app: Express, onFault: (error: unknown) => void = () => {}): void {
  app.use((request: Request) => {
    throw new FoyerError('not-found', `There is no ${request.method} ${request.path} here.`);
  });
  const onError: ErrorRequestHandler = (
    error: unknown,
    _request: Request,
    response: Response,
    _next: NextFunction,
  ) => {
    if (statusOf(problemOf(error).problem.code) >= 500) onFault(error);
    sendProblem(response, error);
  };
  app.use(onError);
}

/** PEM texts of a server's certificate, with those that lead to its authority, and its key. */
export interface HttpTls {
  cert: string;
  key: string;
}

export interface HttpListen {
  host: string;
  port: number;
  /** HTTPS when given. */
  tls?: HttpTls;
}

export interface HttpServer {
  readonly port: number;
  readonly url: string;
  /** From the next connection on; for a server that was started with TLS. */
  setTls(tls: HttpTls): void;
  /** Stops accepting, lets requests finish for `graceMs` (1000), then cuts. Idempotent. */
  close(graceMs?: number): Promise<void>;
}

function shutDown(server: Server | SecureServer, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** What clients may use up; each has a default. */
export interface HttpBounds {
  /** More connections at once are closed as they come. Default 1024. */
  maxConnections?: number;
  /** A client that has not sent its headers by then is cut off. Default 10 s. */
  headersTimeoutMs?: number;
  /** A client that has not sent its whole request by then is cut off. Default 30 s. */
  requestTimeoutMs?: number;
  /** How often slow clients are looked for. Default 5 s. */
  checkEveryMs?: number;
}

const contextOf = ({ cert, key }: HttpTls) => ({ cert, key, minVersion: 'TLSv1.2' as const });

/** Serves an application on a host and port (0 = any free one). Rejects when the port is taken. */
export async function serve(
  app: Express,
  listen: HttpListen,
  bounds: HttpBounds = {},
): Promise<HttpServer> {
  const options = {
    headersTimeout: bounds.headersTimeoutMs ?? 10_000,
    requestTimeout: bounds.requestTimeoutMs ?? 30_000,
    connectionsCheckingInterval: bounds.checkEveryMs ?? 5000,
  };
  const { tls } = listen;
  const secure =
    tls === undefined ? null : createSecureServer({ ...options, ...contextOf(tls) }, app);
  const server = secure ?? createServer(options, app);
  server.maxConnections = bounds.maxConnections ?? 1024;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  let closed: Promise<void> | undefined;
  return {
    port,
    url: `${secure === null ? 'http' : 'https'}://${host}:${port}`,
    setTls: (next) => secure?.setSecureContext(contextOf(next)),
    close: (graceMs = 1000) => (closed ??= shutDown(server, graceMs)),
  };
}
