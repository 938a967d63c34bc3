import type { Refusal } from '@foyer/cloud-sync/engine';
import type { Status, Verdict } from '@foyer/contracts';
import type { ForeignRequest } from '@foyer/platform/http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is not in the status. */
export interface MetricExtras {
  /** Payloads that could not be read, and that wait to be sent, by link. */
  links: readonly { name: string; unreadable: number; waiting: number }[];
  /** Connections refused because of their certificate or the node list. */
  refusedIdentities: number;
  /** Events that were dropped because too many waited. */
  droppedEvents: number;
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  verdict(verdict: Verdict): void;
  /** Starts a measurement of a scan; call the answer when it was answered. */
  scanTimer(): () => void;
  commit(seconds: number): void;
  /** A peer's message was refused. */
  refusedMessage(refusal: Refusal): void;
  /** A request to the local API came from elsewhere. */
  refusedRequest(reason: ForeignRequest): void;
}

const scanBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1];
const commitBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

type Labels = Readonly<Record<string, string>>;

/** Gauges that are read from the status when somebody asks. */
function statusGauges(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: string[] = []) => {
    const made = new Gauge({ name: `foyer_${name}`, help, labelNames, registers: [registry] });
    return (value: number, labels: Labels = {}) => made.set({ ...labels }, value);
  };
  const feed = ['feed'];
  const lane = ['lane'];
  return {
    cursor: gauge('feed_cursor', 'Position in a feed.', feed),
    lag: gauge('feed_lag_rows', 'Changes that the upstream has and this node has not.', feed),
    age: gauge('feed_age_seconds', 'Time since this node knew itself up to date.', feed),
    depth: gauge('outbox_depth', 'Own events that the upstream has not taken.', lane),
    undurable: gauge('outbox_undurable', 'Own events that the cloud has not committed.', lane),
    relay: gauge('relay_queue', 'Events of other nodes that wait to be relayed.'),
    deadLetters: gauge('dead_letters', 'Events that a receiver refused for good.'),
    dropped: gauge('dropped_events_total', 'Events dropped: too many waited.'),
    peers: gauge('mesh_peers', 'Peers of the mesh.', ['state']),
    unparsable: gauge('unparsable_total', 'Payloads that could not be read.', ['link']),
    waiting: gauge('link_waiting', 'Payloads that wait for their turn on a link.', ['link']),
    refused: gauge('refused_identities_total', 'Connections refused by identity.'),
    degraded: gauge('degraded_total', 'Greens given without two votes.'),
    doubles: gauge('doubles_known', 'Admissions beyond the first of an entry right.'),
    admitted: gauge('admitted', 'Guests inside, as far as this node knows.'),
    clock: gauge('clock_agreed', '1 when other nodes show the same time.'),
    rss: gauge('resident_memory_bytes', 'Resident memory of this process.'),
    uptime: gauge('uptime_seconds', 'Time since this process started.'),
  };
}

function fill(gauges: ReturnType<typeof statusGauges>, status: Status, extras: MetricExtras): void {
  for (const { feed, cursor, head, ageMs } of status.feeds) {
    gauges.cursor(cursor, { feed });
    gauges.lag(Math.max(0, head - cursor), { feed });
    if (ageMs !== null) gauges.age(ageMs / 1000, { feed });
  }
  for (const { lane, head, acked, durable } of status.lanes) {
    gauges.depth(Math.max(0, head - acked), { lane });
    gauges.undurable(Math.max(0, head - durable), { lane });
  }
  const connected = status.peers.filter((peer) => peer.connected).length;
  gauges.peers(connected, { state: 'connected' });
  gauges.peers(status.peers.length - connected, { state: 'away' });
  for (const { name: link, unreadable, waiting } of extras.links) {
    gauges.unparsable(unreadable, { link });
    gauges.waiting(waiting, { link });
  }
  gauges.refused(extras.refusedIdentities);
  gauges.dropped(extras.droppedEvents);
  gauges.relay(status.relayQueue);
  gauges.deadLetters(status.deadLetters);
  gauges.degraded(status.counts.degraded);
  gauges.doubles(status.counts.doublesKnown);
  gauges.admitted(status.counts.admitted);
  gauges.clock(status.clockAgreed ? 1 : 0);
  gauges.rss(process.memoryUsage.rss());
  gauges.uptime(status.uptimeMs / 1000);
}

/** The Prometheus metrics of one agent. `status` and `extras` are read at each scrape. */
export function createMetrics(status: () => Status, extras: () => MetricExtras): Metrics {
  const registry = new Registry();
  const gauges = statusGauges(registry);
  const verdicts = new Counter({
    name: 'foyer_verdicts_total',
    help: 'Verdicts by colour and reason.',
    labelNames: ['colour', 'reason'],
    registers: [registry],
  });
  const scans = new Histogram({
    name: 'foyer_scan_seconds',
    help: 'From a scan request to its answer.',
    buckets: scanBuckets,
    registers: [registry],
  });
  const commits = new Histogram({
    name: 'foyer_commit_seconds',
    help: 'Durable commits of the database.',
    buckets: commitBuckets,
    registers: [registry],
  });
  const refusedMessages = new Counter({
    name: 'foyer_refused_messages_total',
    help: 'Messages of peers that were refused: docs/threat-model.md says what each reason means.',
    labelNames: ['reason', 'type'],
    registers: [registry],
  });
  const refusedRequests = new Counter({
    name: 'foyer_refused_requests_total',
    help: 'Requests to the local API from a foreign name or page.',
    labelNames: ['reason'],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => {
      fill(gauges, status(), extras());
      return registry.metrics();
    },
    verdict: ({ colour, reason }) => verdicts.inc({ colour, reason }),
    scanTimer: () => scans.startTimer(),
    commit: (seconds) => commits.observe(seconds),
    refusedMessage: ({ reason, type }) => refusedMessages.inc({ reason, type }),
    refusedRequest: (reason) => refusedRequests.inc({ reason }),
  };
}
