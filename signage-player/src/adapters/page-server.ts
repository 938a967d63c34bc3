import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import { FoyerError, screenIdSchema, sha256Schema, utcMsSchema } from '@foyer/contracts';
import type { Play } from '@foyer/contracts';
import type { Logger } from '@foyer/platform';
import {
  atMostInFlight,
  finishApp,
  localOnly,
  mountOperations,
  newApp,
  serve,
} from '@foyer/platform/http';
import type { HttpServer } from '@foyer/platform/http';
import type { Express, Response } from 'express';
import { z } from 'zod';

import { pageScriptPath, pageShell } from '../page-shell.ts';
import {
  pageCommandResultSchema,
  pagePlaysResultSchema,
  pagePlaysSchema,
  pulseResultSchema,
  pulseSchema,
} from '../wire.ts';
import type { Boot, PageCommandResult, Pulse } from '../wire.ts';
import { indexPage } from './index-page.ts';
import type { ListedScreen } from './index-page.ts';
import type { MediaStore } from './media-store.ts';
import { passOn } from './pass-on.ts';
import type { PageStreams } from './page-streams.ts';

export interface PageServerOptions {
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
  readonly store: MediaStore;
  readonly streams: PageStreams;
  /** Where a preview's files come from when they are not in the store. */
  readonly mediaUrls: readonly string[];
  /** The page's bundle; it may be missing, then the page is its first paint. */
  readonly scriptFile: string;
  readonly nowMs: () => number;
  readonly screens: () => ListedScreen[];
  /** The media type of a file by the programme; null: no programme has it. */
  readonly mimeOf: (sha256: string) => string | null;
  readonly onPulse: (screenId: string, pulse: Pulse) => void;
  /** @returns false: the page keeps them. */
  readonly onPlays: (plays: readonly Play[]) => boolean;
  readonly onResult: (result: PageCommandResult) => void;
  readonly metrics: () => string;
}

const pulseEveryMs = 1_000;
const pictureEveryMs = 2_000;
const maxBodyBytes = 500_000;
/** A Chromium of three tabs keeps up to eighteen connections open. */
const maxConnections = 256;

/** Where the files of the store are served. */
export const mediaPath = '/media';
/** Where previews get files, those of other boxes' screens too. */
export const previewMediaPath = '/preview-media';
const maxPreviewFiles = 8;

const screenParams = z.object({ screenId: screenIdSchema });
const mediaParams = z.object({ sha256: sha256Schema });
const previewQuery = z.object({
  /** UTC ms, or a date and time with its offset. */
  at: z.union([z.coerce.number().pipe(utcMsSchema), z.iso.datetime({ offset: true })]).optional(),
});

/** What pages ask; the rest of what they get are files and streams. */
const pageOperations = {
  pulse: {
    method: 'put',
    path: '/screens/:screenId/pulse',
    summary: 'What a page does.',
    params: screenParams,
    body: pulseSchema,
    response: pulseResultSchema,
    status: 200,
    errors: [],
  },
  plays: {
    method: 'post',
    path: '/screens/:screenId/plays',
    summary: 'Starts and ends of plays.',
    params: screenParams,
    body: pagePlaysSchema,
    response: pagePlaysResultSchema,
    status: 200,
    errors: ['queue-full'],
  },
  result: {
    method: 'post',
    path: '/screens/:screenId/command-results',
    summary: 'The answer of a page to a command.',
    params: screenParams,
    body: pageCommandResultSchema,
    response: z.object({}),
    status: 200,
    errors: [],
  },
} as const;

const versions = new Map<string, { readonly stamp: string; readonly version: string }>();

/** Of the bundle's bytes, so that one that is built again and is the same is no new one. */
function versionOf(file: string): string {
  try {
    const { mtimeMs, size } = statSync(file);
    const stamp = `${mtimeMs}-${size}`;
    const known = versions.get(file);
    if (known?.stamp === stamp) return known.version;
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    const version = digest.slice(0, 16);
    versions.set(file, { stamp, version });
    return version;
  } catch {
    return 'none';
  }
}

/** Starts serving the pages of this box. Rejects when the port is taken. */
export async function startPageServer(options: PageServerOptions): Promise<HttpServer> {
  const app = newApp();
  app.use(localOnly());
  mountRequests(app, options);
  mountPages(app, options);
  mountFiles(app, options);
  finishApp(app, (error) => options.logger.error('request-failed', { message: String(error) }));
  const { host, port } = options;
  return serve(app, { host, port }, { maxConnections });
}

function mountRequests(app: Express, options: PageServerOptions): void {
  const { nowMs, onPulse, onPlays, onResult, scriptFile } = options;
  mountOperations(
    app,
    pageOperations,
    {
      pulse: ({ params, body }) => {
        onPulse(params.screenId, body);
        const isOld = body.version !== undefined && body.version !== versionOf(scriptFile);
        return { nowMs: nowMs(), reload: isOld };
      },
      plays: ({ params, body }) => {
        const plays = body.plays.filter(({ screenId }) => screenId === params.screenId);
        if (plays.length > 0 && !onPlays(plays)) {
          throw new FoyerError('queue-full', 'The player cannot keep more plays now.');
        }
        return { kept: body.plays.length };
      },
      result: ({ body }) => {
        onResult(body);
        return {};
      },
    },
    { maxBodyBytes },
  );
}

function mountPages(app: Express, options: PageServerOptions): void {
  const { streams, screens, scriptFile } = options;
  const send = (response: Response, boot: Omit<Boot, 'version'>): void => {
    const whole = { ...boot, version: versionOf(scriptFile) };
    const { html, headers } = pageShell(whole, randomBytes(16).toString('base64url'));
    response.set({ ...headers }).send(html);
  };
  app.get('/screens/:screenId', (request, response) => {
    const { screenId } = parse(screenParams, request.params);
    const base = `/screens/${screenId}`;
    send(response, { screenId, mode: 'screen', atMs: null, base, pulseEveryMs, pictureEveryMs });
  });
  app.get('/preview/:screenId', (request, response) => {
    const { screenId } = parse(screenParams, request.params);
    const { at } = parse(previewQuery, request.query);
    const atMs = at === undefined ? null : typeof at === 'number' ? at : Date.parse(at);
    const base = `/preview/${screenId}`;
    send(response, { screenId, mode: 'preview', atMs, base, pulseEveryMs, pictureEveryMs });
  });
  for (const kind of ['screens', 'preview'] as const) {
    app.get(`/${kind}/:screenId/events`, (request, response) => {
      const { screenId } = parse(screenParams, request.params);
      streams.serve(response, screenId, kind === 'preview');
    });
  }
  app.get('/v1/screens', (_request, response) => {
    const list = screens().map((screen) => ({ ...screen, url: `/screens/${screen.screenId}` }));
    response.json({ screens: list });
  });
  app.get('/', (_request, response) => {
    const { html, headers } = indexPage(screens());
    response.set(headers).send(html);
  });
  app.get('/healthz', (_request, response) => void response.json({ ok: true }));
  app.get('/metrics', (_request, response) => {
    response.type('text/plain').send(options.metrics());
  });
}

function mountFiles(app: Express, options: PageServerOptions): void {
  const { store, mimeOf, scriptFile, mediaUrls } = options;
  const send = (sha256: string, response: Response): void => {
    response.set({
      'content-type': mimeOf(sha256) ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      // A template opened by its address runs nothing: pages read its bytes and frame them.
      'content-security-policy': "sandbox; default-src 'none'",
    });
    response.sendFile(store.relativePath(sha256), {
      root: store.dir,
      immutable: true,
      maxAge: '365d',
      lastModified: false,
    });
  };
  app.get(`${mediaPath}/:sha256`, (request, response) => {
    // Only a hash can be a name, and only one that is in the store is looked for on the disk.
    const { sha256 } = parse(mediaParams, request.params);
    if (!store.has(sha256)) throw new FoyerError('not-found', 'This file is not in the store.');
    send(sha256, response);
  });
  app.get(
    `${previewMediaPath}/:sha256`,
    atMostInFlight(maxPreviewFiles),
    async (request, response) => {
      const { sha256 } = parse(mediaParams, request.params);
      const mime = mimeOf(sha256);
      if (mime === null) throw new FoyerError('not-found', 'No programme has this file.');
      if (store.has(sha256)) send(sha256, response);
      else await passOn({ sha256, mime, mediaUrls, range: request.headers.range }, response);
    },
  );
  app.get(pageScriptPath, async (_request, response) => {
    const script = await readFile(scriptFile).catch(() => null);
    if (script === null) throw new FoyerError('not-found', 'The page has not been built.');
    response.set({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      etag: `"${versionOf(scriptFile)}"`,
      'x-content-type-options': 'nosniff',
    });
    response.send(script);
  });
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FoyerError('bad-request', z.prettifyError(parsed.error).slice(0, 300));
}
