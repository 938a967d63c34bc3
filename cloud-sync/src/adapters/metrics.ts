import type { MessageType } from '@foyer/contracts';
import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The cloud end's Prometheus metrics. */
export interface CloudMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** Express middleware: duration by route and status. */
  timeRequests: RequestHandler;
  /** Payloads that were not taken, by cause; they are in the dead letters. */
  refusedPayload(cause: string, type: MessageType | 'none'): void;
  /** An event that was taken in without its effect. */
  rejectedEvent(code: string): void;
  message(direction: 'in' | 'out', type: string): void;
  events(outcome: 'applied' | 'known' | 'rejected', count: number): void;
  queueDepth(depth: number): void;
}

// The route's pattern, never the path: identifiers would make a series each.
function routeOf(route: unknown): string {
  if (typeof route !== 'object' || route === null || !('path' in route)) return 'none';
  return typeof route.path === 'string' ? route.path : 'none';
}

function timer(register: Registry): RequestHandler {
  const seconds = new Histogram({
    name: 'foyer_cloud_request_seconds',
    help: 'Duration of API requests.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [register],
  });
  return (request, response, next) => {
    const end = seconds.startTimer();
    response.once('close', () => {
      const route = routeOf(request.route);
      end({ method: request.method, route, status: response.statusCode });
    });
    next();
  };
}

/** Metrics of one process; `retries` is read when they are asked for. */
export function cloudMetrics(retries: () => number): CloudMetrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const refused = new Counter({
    name: 'foyer_cloud_refused_payloads_total',
    help: 'Payloads from nodes that were not taken, by cause and message; none: unreadable.',
    labelNames: ['cause', 'type'],
    registers,
  });
  const messages = new Counter({
    name: 'foyer_cloud_messages_total',
    help: 'Messages exchanged with nodes.',
    labelNames: ['direction', 'type'],
    registers,
  });
  const events = new Counter({
    name: 'foyer_cloud_events_total',
    help: 'Outbox events received, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const rejected = new Counter({
    name: 'foyer_cloud_rejected_events_total',
    help: 'Events that were refused for good, by cause.',
    labelNames: ['code'],
    registers,
  });
  const depth = new Gauge({
    name: 'foyer_cloud_ingest_queue',
    help: 'Messages that wait to be handled.',
    registers,
  });
  new Gauge({
    name: 'foyer_cloud_transaction_retries',
    help: 'Transactions that were run again after a conflict.',
    registers,
    collect(this: Gauge) {
      this.set(retries());
    },
  });
  return {
    contentType: register.contentType,
    text: () => register.metrics(),
    timeRequests: timer(register),
    refusedPayload: (cause, type) => refused.inc({ cause, type }),
    rejectedEvent: (code) => rejected.inc({ code }),
    message: (direction, type) => messages.inc({ direction, type }),
    events: (outcome, count) => events.inc({ outcome }, count),
    queueDepth: (value) => depth.set(value),
  };
}
