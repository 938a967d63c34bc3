import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { FoyerError } from '@foyer/contracts';
import { percentile } from '@foyer/simulators';
import { z } from 'zod';

import type { Output } from '../output.ts';
import { bookingTimes, watched } from './sync/bookings.ts';
import { measurePouchDb, writeRows, type SyncFigures } from './sync/pouchdb.ts';
import { SyncTheatre } from './sync/theatre.ts';

const optionsSchema = z.object({
  rows: z.coerce.number().int().min(1000).max(140_000).default(100_000),
  gates: z.coerce.number().int().min(1).max(12).default(4),
  bookings: z.coerce.number().int().min(1).max(400).default(200),
  throttle: z.enum(['aws']).optional(),
  /** Without it PouchDB is measured, too. */
  pouchdb: z.boolean().default(true),
  dir: z.string().min(1).optional(),
});
type Options = z.infer<typeof optionsSchema>;

const lookMs = 25;
const longestMs = 300_000;

const how = {
  ours:
    "from the theatre agent's first connection to Mosquitto until its replica is whole; " +
    'SQLite, synchronous=FULL; house and secrets feeds included',
  bytesPerRow: 'TCP payload both ways between the agent and Mosquitto, by the number of tickets',
  pouchdb:
    'PouchDB.replicate over HTTP from express-pouchdb, LevelDB at both ends, batch_size 1000',
  booking: `from the confirming request until every gate's ${watched} shows the ticket`,
};

async function untilFull(theatre: SyncTheatre, node: string, rows: number): Promise<number> {
  const untilMs = performance.now() + longestMs;
  for (;;) {
    const { feeds } = await theatre.status(node);
    const tickets = feeds.find(({ feed }) => feed === 'tickets');
    if (tickets !== undefined && tickets.rows >= rows && tickets.cursor >= tickets.head) {
      return performance.now();
    }
    if (performance.now() > untilMs) {
      throw new FoyerError('timeout', `${node} has ${tickets?.rows ?? 0} of ${rows} tickets.`, {
        whatToDo: 'Look at the logs: give --dir to keep them.',
      });
    }
    await pause(lookMs);
  }
}

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

interface Ours extends SyncFigures {
  mostBytesPerS: number;
  mostPublishesPerS: number;
  /** Processor time of the sync itself, seconds. */
  cpuSeconds: { cloud: number; theatre: number };
  bookingMs: number[];
}

async function measureOurs(theatre: SyncTheatre, options: Options, output: Output): Promise<Ours> {
  output.progress('An empty theatre fetches them from the cloud');
  const cloudBefore = theatre.cpuSeconds('cloud');
  await theatre.startAgent('theatre');
  const theatreBefore = theatre.cpuSeconds('theatre');
  const doneMs = await untilFull(theatre, 'theatre', options.rows);
  const { bytes, firstMs, mostBytesPerS, mostPublishesPerS } = theatre.meter.counts;
  const cpuSeconds = {
    cloud: round(theatre.cpuSeconds('cloud') - cloudBefore),
    theatre: round(theatre.cpuSeconds('theatre') - theatreBefore),
  };
  const seconds = (doneMs - (firstMs ?? doneMs)) / 1000;
  output.progress(`${seconds.toFixed(2)} s; now ${options.gates} gates from the theatre`);
  await Promise.all(theatre.gates.map((gate) => theatre.startAgent(gate)));
  await Promise.all(theatre.gates.map((gate) => untilFull(theatre, gate, options.rows)));
  output.progress(`${options.bookings} bookings`);
  const bookingMs = await bookingTimes(theatre, options.bookings);
  const bytesPerRow = bytes / options.rows;
  const wire = { mostBytesPerS, mostPublishesPerS };
  return { seconds, bytesPerRow, ...wire, cpuSeconds, bookingMs };
}

function report(ours: Ours, pouchdb: SyncFigures | null, options: Options) {
  const figures = ({ seconds, bytesPerRow }: SyncFigures): SyncFigures => {
    return { seconds: round(seconds), bytesPerRow: round(bytesPerRow, 1) };
  };
  return {
    ours: figures(ours),
    pouchdb: pouchdb === null ? null : figures(pouchdb),
    ratio: pouchdb === null ? null : round(pouchdb.seconds / ours.seconds),
    bookingToGateP50Ms: round(percentile(ours.bookingMs, 0.5), 1),
    bookingToGateP99Ms: round(percentile(ours.bookingMs, 0.99), 1),
    rows: options.rows,
    gates: options.gates,
    bookings: options.bookings,
    throttle: options.throttle ?? 'none',
    cpuSeconds: ours.cpuSeconds,
    wire: { mostBytesPerS: ours.mostBytesPerS, mostPublishesPerS: ours.mostPublishesPerS },
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version },
    how,
  };
}

/**
 * `foyer bench sync`: an empty theatre fetches `--rows` tickets from the cloud over a Mosquitto of
 * its own, beside PouchDB with the same rows; then bookings are followed to every gate.
 */
export async function run(
  given: Readonly<Record<string, unknown>>,
  output: Output,
): Promise<object> {
  const options = parseOptions(given);
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'foyer-bench-sync-')));
  const limits = options.throttle === 'aws' ? 'iot-core' : 'broker';
  const theatre = new SyncTheatre({ rows: options.rows, gates: options.gates, dir, limits });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => {
    void theatre.close().finally(() => process.exit(130));
  };
  for (const signal of signals) process.once(signal, stop);
  try {
    output.progress(`Selling ${options.rows} tickets`);
    const bookings = await theatre.openCloud();
    const ours = await measureOurs(theatre, options, output);
    await theatre.close();
    let pouchdb: SyncFigures | null = null;
    if (options.pouchdb) {
      output.progress('PouchDB with the same rows');
      const rowsFile = join(dir, 'rows.ndjson');
      writeRows(bookings, rowsFile);
      pouchdb = await measurePouchDb(rowsFile, dir);
    }
    return report(ours, pouchdb, options);
  } finally {
    await theatre.close();
    for (const signal of signals) process.off(signal, stop);
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  }
}

function parseOptions(given: Readonly<Record<string, unknown>>): Options {
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`);
  throw new FoyerError('bad-request', `${wrong.join('; ')}.`, {
    whatToDo: 'Run `foyer bench sync --help` for the options.',
  });
}
