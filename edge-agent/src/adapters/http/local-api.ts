import {
  FoyerError,
  isFoyerError,
  localOperations,
  type Status,
  type localShowSchema,
} from '@foyer/contracts';
import type { Logger } from '@foyer/platform';
import {
  finishApp,
  localOnly,
  mountOperation,
  mountOperations,
  newApp,
  serve,
  type Handlers,
  type HttpServer,
} from '@foyer/platform/http';
import type { z } from 'zod';
import type { AdmissionService } from '../../domain/admission/ports.ts';
import type { EventStream } from './event-stream.ts';
import type { Metrics } from './metrics.ts';
import { signageHandlers, type SignageApi } from './signage-api.ts';

export type LocalShow = z.input<typeof localShowSchema>;

/** What the local API asks of its agent. */
export interface LocalApiParts {
  /** Null for a role that admits nobody. */
  admission: Pick<AdmissionService, 'scan' | 'passage' | 'annul'> | null;
  /** Throws FoyerError `gate-closed` while an operator keeps this gate closed. */
  checkOpen(): void;
  signage: SignageApi;
  shows(): LocalShow[];
  status(): Status;
  /** Throws FoyerError `disk-full` when this node cannot commit. */
  checkHealth(): void;
  events: EventStream;
  metrics: Metrics;
  logger: Logger;
  /** A request met a damaged database. */
  onDamage: () => void;
}

/** Event readers, scanners and a person's browser: far fewer than this. */
const maxConnections = 256;
/** The largest request is a scan: 4096 characters of text, each up to 6 bytes when escaped. */
const maxBodyBytes = 32_768;
/** 200 plays of some 500 bytes, with room for names that must be escaped. */
const maxPlaysBytes = 262_144;
/** A screenshot of 400,000 characters. */
const maxResultBytes = 409_600;

function handlersOf(parts: LocalApiParts): Handlers<typeof localOperations> {
  const { events, metrics } = parts;
  const admission = () => {
    if (parts.admission !== null) return parts.admission;
    throw new FoyerError('not-found', 'This node admits nobody: it is a screen.', {
      whatToDo: 'Ask a gate.',
    });
  };
  return {
    scan: async ({ body }) => {
      parts.checkOpen();
      const done = metrics.scanTimer();
      const verdict = await admission().scan(body);
      done();
      return verdict;
    },
    passage: ({ body }) => admission().passage(body),
    annul: ({ body }) => admission().annul(body),
    ...signageHandlers(parts.signage),
    shows: () => ({ shows: parts.shows() }),
    status: () => parts.status(),
    events: ({ request, response }) => {
      events.serve(request, response);
      return undefined;
    },
    metrics: async () => ({ contentType: metrics.contentType, body: await metrics.text() }),
    health: () => {
      parts.checkHealth();
      return { ok: true };
    },
  };
}

/**
 * Serves the local API on loopback. Rejects with FoyerError `config-invalid` when it cannot listen.
 */
export async function serveLocalApi(
  parts: LocalApiParts,
  listen: { host: string; port: number },
): Promise<HttpServer> {
  const app = newApp();
  app.use(localOnly((reason) => parts.metrics.refusedRequest(reason)));
  const { plays, commandResult, ...others } = localOperations;
  const handlers = handlersOf(parts);
  mountOperations(app, others, handlers, { maxBodyBytes });
  mountOperation(app, plays, handlers.plays, { maxBodyBytes: maxPlaysBytes });
  const forResults = { maxBodyBytes: maxResultBytes };
  mountOperation(app, commandResult, handlers.commandResult, forResults);
  finishApp(app, (error) => {
    const code = isFoyerError(error) ? error.code : 'internal';
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    // A full disk or a queue is the theatre's news; only a defect needs its stack.
    parts.logger.error('request-failed', code === 'internal' ? { code, detail } : { code });
    if (code === 'database-corrupt') parts.onDamage();
  });
  try {
    return await serve(app, listen, { maxConnections });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FoyerError('config-invalid', `listen.port: ${detail}.`, {
      cause,
      whatToDo: 'End the program that has this port, or set another; 0 takes a free one.',
    });
  }
}
