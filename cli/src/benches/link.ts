import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

import { FoyerError, type AdmissionEvent } from '@foyer/contracts';
import { cloudPeer } from '@foyer/platform';
import { nodeRandom } from '@foyer/platform/node';
import { waitFor } from '@foyer/platform/testing';
import { theatreNo } from '@foyer/simulators';
import { z } from 'zod';

import type { Output } from '../output.ts';
import { CloudEnd } from './link/cloud-end.ts';
import { measureRaw, type RawFigures } from './link/raw.ts';
import { TheatreEnd, type Direction } from './link/theatre-end.ts';
import { Places, waysThrough, type Way } from './link/ways.ts';

const optionsSchema = z.object({
  rows: z.coerce.number().int().min(1000).max(140_000).default(20_000),
  events: z.coerce.number().int().min(10).max(100_000).default(2000),
  /** One way alone. */
  only: z.string().optional(),
});
type Options = z.infer<typeof optionsSchema>;

const how = {
  rows:
    'tickets from a cloud worker (a process of its own, SQLite) to the sync engine of a theatre ' +
    '(this process, SQLite, synchronous=FULL), from the first payload to a whole replica',
  events: 'admissions the other way, from the first append to the acknowledgement of the last',
  bytesPerRow: 'payloads both ways at the theatre, by rows; MQTT, TLS and IPC framing not counted',
  raw: 'bytes without meaning over the same link at the pace of its limits, largest payloads',
  shareOfRaw: "the engine's bytes a second by those of raw: what is left is work of the two ends",
};

interface WayFigures {
  way: string;
  profile: string;
  raw: RawFigures;
  down: Direction & { shareOfRaw: number };
  up: Direction & { shareOfRaw: number };
  /** Only with a cut: rows that went by the second way, and the longest time without a row. */
  failover?: { rowsBySecond: number; longestGapMs: number };
}

interface Sold {
  ticketId: string;
  showNo: number;
}

function admissions(sold: readonly Sold[], gate: string): AdmissionEvent[] {
  const random = nodeRandom();
  const nowMs = Date.now();
  return sold.map(({ ticketId, showNo }, n) => ({
    kind: 'admission',
    right: { ticketId, n: 0 },
    showNo,
    scanId: random.uuid(),
    gate,
    atMs: nowMs + n,
    flags: [],
    votes: [gate],
    configEpoch: 1,
  }));
}

const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

function figuresOf(direction: Direction, rawBytesPerS: number): WayFigures['down'] {
  const { rowsPerS, bytesPerRow, seconds, payloads } = direction;
  return {
    rowsPerS: Math.round(rowsPerS),
    bytesPerRow: round(bytesPerRow),
    payloads,
    seconds: round(seconds, 2),
    shareOfRaw: round((rowsPerS * bytesPerRow) / rawBytesPerS, 2),
  };
}

/** Cuts the first way after a third of the rows, and watches for rows meanwhile. */
function cutter(way: Way, rows: number) {
  let cutMs = 0;
  let last = { rows: 0, atMs: performance.now() };
  const seen = { rowsBySecond: 0, longestGapMs: 0 };
  let atCut = 0;
  return {
    seen,
    during(now: number): void {
      if (now > last.rows) {
        const gapMs = performance.now() - last.atMs;
        if (cutMs > 0) seen.longestGapMs = Math.max(seen.longestGapMs, Math.round(gapMs));
        last = { rows: now, atMs: performance.now() };
      }
      if (cutMs > 0) seen.rowsBySecond = now - atCut;
      else if (way.cut !== undefined && now >= rows / 3) {
        cutMs = performance.now();
        atCut = now;
        way.cut();
      }
    },
  };
}

async function measure(
  way: Way,
  { places, cloud, sold, options, dir }: Bench,
): Promise<WayFigures> {
  const url = places.core.backdoorUrl;
  const nodeId = nodeOf(way);
  const name = `${theatreNo}/${nodeId}`;
  const raw = await measureRaw(await way.open(nodeId), name, url, way.down);
  await cloud.start(url, way.cloudLimits);
  const link = await way.open(nodeId);
  await waitFor(`the link ${way.name}`, () => link.peers().includes(cloudPeer), 30_000);
  const theatre = new TheatreEnd(join(dir, way.name), nodeId, link);
  try {
    const watch = cutter(way, options.rows);
    const down = await theatre.fetch(options.rows, (now) => watch.during(now));
    way.mend?.();
    const up = await theatre.tell(admissions(sold, nodeId));
    return {
      way: way.name,
      profile: way.profile,
      raw: {
        downBytesPerS: Math.round(raw.downBytesPerS),
        upBytesPerS: Math.round(raw.upBytesPerS),
        roundTripP50Ms: round(raw.roundTripP50Ms, 2),
      },
      down: figuresOf(down, raw.downBytesPerS),
      up: figuresOf(up, raw.upBytesPerS),
      ...(way.cut === undefined ? {} : { failover: watch.seen }),
    };
  } finally {
    await theatre.close();
    await cloud.stop();
  }
}

const nodeOf = ({ name }: Way): string => `theatre-${name.toLowerCase()}`;

interface Bench {
  places: Places;
  cloud: CloudEnd;
  sold: readonly Sold[];
  options: Options;
  dir: string;
}

/**
 * `foyer bench link`: tickets down and admissions up between a cloud worker and a theatre's sync
 * engine, over each link and its limits, beside raw bytes over the same link.
 */
export async function run(
  given: Readonly<Record<string, unknown>>,
  output: Output,
): Promise<object> {
  const options = parseOptions(given);
  const dir = await mkdtemp(join(tmpdir(), 'foyer-bench-link-'));
  const places = new Places(dir);
  const cloud = new CloudEnd(dir);
  try {
    const all = waysThrough(places);
    const ways = all.filter(({ name }) => options.only === undefined || name === options.only);
    if (ways.length === 0) throw unknownWay(all);
    output.progress(`Selling ${options.rows} tickets`);
    const nodes = ways.map(nodeOf);
    const bookings = await cloud.sell(options.rows, nodes);
    const sold = bookings
      .flatMap(({ showNo, ticketIds }) => ticketIds.map((ticketId) => ({ ticketId, showNo })))
      .slice(0, options.events);
    await places.open(nodes);
    const figures: WayFigures[] = [];
    for (const way of ways) {
      output.progress(`${way.name}: ${way.profile}`);
      figures.push(await measure(way, { places, cloud, sold, options, dir }));
    }
    const { rows, events } = options;
    const machine = { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
    return { ways: figures, rows, events, machine, how };
  } finally {
    await cloud.stop();
    await places.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** The same as a table. */
export function text(result: object): string {
  const { ways, rows, events } = result as { ways: WayFigures[]; rows: number; events: number };
  const heads = ['', 'rows/s', 'B/row', 'of raw', 'events/s', 'B/event', 'of raw', 'round trip'];
  const lines = ways.map(({ way, down, up, raw }) => [
    way,
    String(down.rowsPerS),
    String(down.bytesPerRow),
    `${Math.round(down.shareOfRaw * 100)} %`,
    String(up.rowsPerS),
    String(up.bytesPerRow),
    `${Math.round(up.shareOfRaw * 100)} %`,
    `${raw.roundTripP50Ms} ms`,
  ]);
  const widths = heads.map((head, n) =>
    Math.max(head.length, ...lines.map((line) => line[n]?.length ?? 0)),
  );
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)))
      .join('  ');
  const profiles = ways.map(({ way, profile }) => `${way.padEnd(widths[0] ?? 0)}  ${profile}`);
  const cuts = ways.flatMap(({ way, failover }) =>
    failover === undefined
      ? []
      : [
          `${way}: ${failover.rowsBySecond} rows by the second way; ` +
            `${failover.longestGapMs} ms without a row around the cut`,
        ],
  );
  return [
    `${rows} tickets down, ${events} admissions up`,
    '',
    row(heads),
    ...lines.map(row),
    '',
    ...profiles,
    ...cuts,
  ].join('\n');
}

function unknownWay(all: readonly Way[]): FoyerError {
  const names = all.map(({ name }) => name).join(', ');
  return new FoyerError('bad-request', `--only: one of ${names}.`);
}

function parseOptions(given: Readonly<Record<string, unknown>>): Options {
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`);
  throw new FoyerError('bad-request', `${wrong.join('; ')}.`, {
    whatToDo: 'Run `foyer bench link --help` for the options.',
  });
}
