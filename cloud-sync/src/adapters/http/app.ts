import { createHash, timingSafeEqual } from 'node:crypto';

import { bookingOperations, catalogueOperations, FoyerError } from '@foyer/contracts';
import { atMostInFlight, finishApp, mountOperations, newApp } from '@foyer/platform/http';
import type { Express, Request } from 'express';

import type { BookingService } from '../../services/booking-service.ts';
import type { CatalogueService } from '../../services/catalogue-service.ts';
import type { ServiceContext } from '../../services/context.ts';
import type { CloudMetrics } from '../metrics.ts';
import { bookingHandlers } from './booking-handlers.ts';
import { catalogueHandlers } from './catalogue-handlers.ts';

export interface AppOptions {
  context: ServiceContext;
  catalogue: CatalogueService;
  bookings: BookingService;
  metrics: CloudMetrics;
  /** What catalogue writes need as a bearer token. */
  apiKey: string;
}

/** A seat map of 60 rows or a list of 64 nodes is a few kilobytes. */
const maxBodyBytes = 65_536;
/** Requests that one worker answers at once; more are told to come again. */
const maxInFlight = 512;

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

// Digests are compared, so that neither the time nor the length tells anything of the key.
function keyCheck(apiKey: string): (request: Request) => void {
  const expected = digest(`Bearer ${apiKey}`);
  return (request) => {
    if (request.method === 'GET') return;
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return;
    throw new FoyerError('unauthorised', 'This change needs the API key of the operator.');
  };
}

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
  mountOperations(app, catalogueOperations, catalogueHandlers(options.catalogue), {
    maxBodyBytes,
    before: keyCheck(options.apiKey),
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
