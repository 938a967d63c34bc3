import { createHash, timingSafeEqual } from 'node:crypto';

import {
  bookingOperations,
  catalogueOperations,
  contentOperations,
  FoyerError,
  type Operation,
} from '@foyer/contracts';
import {
  atMostInFlight,
  bodyWithin,
  finishApp,
  mountOperations,
  newApp,
} from '@foyer/platform/http';
import type { Express, Request } from 'express';

import type { BookingService } from '../../services/booking-service.ts';
import type { CatalogueService } from '../../services/catalogue-service.ts';
import type { ContentService } from '../../services/content-service.ts';
import type { ServiceContext } from '../../services/context.ts';
import type { MediaService } from '../../services/media-service.ts';
import type { CloudMetrics } from '../metrics.ts';
import { bookingHandlers } from './booking-handlers.ts';
import { catalogueHandlers } from './catalogue-handlers.ts';
import { contentHandlers } from './content-handlers.ts';

export interface AppOptions {
  context: ServiceContext;
  catalogue: CatalogueService;
  bookings: BookingService;
  content: ContentService;
  media: MediaService;
  metrics: CloudMetrics;
  /** What catalogue writes, and content but for its files, need as a bearer token. */
  apiKey: string;
}

/** A seat map of 60 rows or a list of 64 nodes is a few kilobytes. */
const maxBodyBytes = 65_536;
/** The content of a theatre has its own bound: 256 screens are 100 kB. */
const maxContentBytes = 262_144;
/** A client that has not sent its whole body by then is cut off; a file may take longer. */
const bodyMs = 30_000;
/** Requests that one worker answers at once; more are told to come again. */
const maxInFlight = 512;

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

// Digests are compared, so that neither the time nor the length tells anything of the key.
function keyCheck(apiKey: string, isOpen: (operation: Operation) => boolean) {
  const expected = digest(`Bearer ${apiKey}`);
  return (request: Request, operation: Operation): void => {
    if (isOpen(operation)) return;
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return;
    throw new FoyerError('unauthorised', 'This needs the API key of the operator.');
  };
}

const isUpload = /^\/v1\/theatres\/\d+\/media\/[0-9a-f]{64}$/;

/** The booking API with its catalogue, reports, metrics and health. */
export function cloudApp(options: AppOptions): Express {
  const { context, metrics } = options;
  const app = newApp();
  app.use(atMostInFlight(maxInFlight));
  app.use((_request, response, next) => {
    response.set({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    next();
  });
  app.use(metrics.timeRequests);
  app.use(bodyWithin(bodyMs, ({ method, path }) => method === 'PUT' && isUpload.test(path)));
  mountOperations(app, catalogueOperations, catalogueHandlers(options.catalogue), {
    maxBodyBytes,
    before: keyCheck(options.apiKey, (operation) => operation.method === 'get'),
  });
  mountOperations(app, contentOperations, contentHandlers(options), {
    maxBodyBytes: maxContentBytes,
    before: keyCheck(options.apiKey, (operation) => operation === contentOperations.media),
  });
  mountOperations(app, bookingOperations, bookingHandlers(options), { maxBodyBytes });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.text());
  });
  app.get('/healthz', async (_request, response) => {
    await context.store.db.selectFrom('catalogue').select('kind').limit(1).execute();
    response.json({ ok: true });
  });
  finishApp(app, (error) => {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    context.logger.error('request-failed', { reason });
  });
  return app;
}
