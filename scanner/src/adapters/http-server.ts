import type { IncomingMessage } from 'node:http';

import { FoyerError, isFoyerError } from '@foyer/contracts';
import type { ErrorCode, Problem } from '@foyer/contracts';
import type { Logger } from '@foyer/platform';
import { localOnly, newApp, serve } from '@foyer/platform/http';
import express from 'express';
import type { NextFunction, Request, Response } from 'express';

import type { Luminance } from '../domain/luminance.ts';
import type { FrameIntake } from './frame-intake.ts';
import { readRawFrame } from './raw-frame.ts';
import { loadPicture } from './picture-file.ts';

/** What the scanner's small API needs. */
export interface ServerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly maxBodyBytes: number;
  readonly intake: FrameIntake;
  readonly logger: Logger;
  /** The text of /metrics, in Prometheus's format. */
  readonly metrics: () => string;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

const statusOf: Partial<Record<ErrorCode, number>> = {
  'body-too-large': 413,
  'image-too-large': 413,
  'image-unreadable': 422,
  'bad-request': 400,
  'not-found': 404,
  'identity-refused': 403,
  'queue-full': 503,
  'link-down': 503,
  'dependency-missing': 503,
};

const longestCameraName = 64;
/** Cameras of one gate, and a person's browser. */
const maxConnections = 64;

const isRaw = (request: Request): boolean => Boolean(request.is('application/octet-stream'));

async function pictureOf(request: Request, maxBodyBytes: number): Promise<Luminance> {
  if (isRaw(request)) {
    const width = Number(request.header('x-frame-width'));
    const height = Number(request.header('x-frame-height'));
    return readRawFrame(request, width, height, maxBodyBytes);
  }
  const body: unknown = request.body;
  if (!(body instanceof Uint8Array)) throw new FoyerError('image-unreadable', 'No image was sent.');
  return loadPicture(body);
}

async function takeFrame(
  { intake, maxBodyBytes }: ServerOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const camera = request.header('x-camera')?.slice(0, longestCameraName);
  const picture = await pictureOf(request, maxBodyBytes);
  const startMs = performance.now();
  const result = await intake.ask(picture, camera);
  // What a camera of this gate would have waited for: without the way of the frame over HTTP.
  response.set('server-timing', `frame;dur=${(performance.now() - startMs).toFixed(2)}`);
  response.json(result);
}

function toFoyerError(error: unknown, maxBodyBytes: number): FoyerError | undefined {
  if (isFoyerError(error)) return error;
  const kind: unknown = error instanceof Error ? Reflect.get(error, 'type') : undefined;
  if (kind === 'entity.too.large') {
    return new FoyerError('body-too-large', `A frame has at most ${maxBodyBytes} bytes.`);
  }
  const status: unknown = error instanceof Error ? Reflect.get(error, 'status') : undefined;
  return typeof status === 'number' && status < 500
    ? new FoyerError('bad-request', 'The request cannot be read.', { cause: error })
    : undefined;
}

function createApp(options: ServerOptions): express.Express {
  const app = newApp();
  app.use(localOnly());
  const type = (request: IncomingMessage): boolean => !isRaw(request as Request);
  const body = express.raw({ type, limit: options.maxBodyBytes });
  app.post('/v1/frames', body, (request, response) => takeFrame(options, request, response));
  app.get('/healthz', (_request, response) => void response.json({ ok: true }));
  app.get('/metrics', (_request, response) => {
    response.type('text/plain').send(options.metrics());
  });
  app.use((request) => {
    throw new FoyerError('not-found', `There is nothing at ${request.path}.`);
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const known = toFoyerError(error, options.maxBodyBytes);
    if (known === undefined) options.logger.error('request-failed', { message: String(error) });
    const problem: Problem = {
      code: known?.code ?? 'internal',
      message: known?.message ?? 'The scanner failed on this request.',
      whatToDo: known?.whatToDo ?? 'Look at the log of the scanner.',
    };
    response.status(known === undefined ? 500 : (statusOf[known.code] ?? 500)).json(problem);
  });
  return app;
}

/** Starts listening. @throws the system's error when the address is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port } = options;
  const server = await serve(createApp(options), { host, port }, { maxConnections });
  return { port: server.port, close: () => server.close(0) };
}
