import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { SeededBooking } from '@foyer/cloud-sync';
import { FoyerError } from '@foyer/contracts';
import { assetFile } from '@foyer/platform/home';
import { Program } from '@foyer/simulators';
import { z } from 'zod';

import { WireMeter } from './wire-meter.ts';

export interface SyncFigures {
  seconds: number;
  bytesPerRow: number;
}

const batch = 1000;
const resultSchema = z.object({ seconds: z.number(), rows: z.int() });

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function referenceOf(bookingId: string): string {
  const bits = Buffer.from(bookingId.replaceAll('-', ''), 'hex');
  return Array.from(bits.subarray(0, 8), (byte) => alphabet[byte & 31]).join('');
}

/** Writes the tickets that were sold as PouchDB's server reads them, one JSON array a line. */
export function writeRows(bookings: readonly SeededBooking[], file: string): void {
  const rows = bookings.flatMap(({ bookingId, showNo, ticketIds }) =>
    ticketIds.map((ticketId, n) => {
      const seat = `${alphabet[10 + (Number.parseInt(bookingId.slice(0, 2), 16) % 16)]}${n + 1}`;
      const row = [ticketId, referenceOf(bookingId), showNo, seat, 'adult', 'valid', 1250];
      return JSON.stringify(row);
    }),
  );
  writeFileSync(file, `${rows.join('\n')}\n`);
}

/**
 * The same rows from PouchDB's server to an empty PouchDB: LevelDB at both ends, batches of 1,000,
 * HTTP, a process each.
 */
export async function measurePouchDb(rowsFile: string, dir: string): Promise<SyncFigures> {
  const serverDir = join(dir, 'pouchdb-server');
  const clientDir = join(dir, 'pouchdb-client');
  for (const each of [serverDir, clientDir]) mkdirSync(each, { recursive: true });
  const script = (name: string): string => assetFile(`cli/src/benches/sync/${name}.mjs`);
  let told: () => void = () => undefined;
  const filled = new Promise<void>((resolve) => {
    told = resolve;
  });
  const server = new Program({
    name: 'pouchdb-server',
    file: script('pouch-server'),
    dir,
    onLine: () => told(),
  });
  let meter: WireMeter | undefined;
  let client: Program | undefined;
  try {
    const { port = 0 } = await server.start({ dir: serverDir, rows: rowsFile });
    await filled;
    meter = new WireMeter(port);
    const url = `http://127.0.0.1:${await meter.listen()}`;
    const result = await new Promise<z.infer<typeof resultSchema>>((resolve, reject) => {
      client = new Program({
        name: 'pouchdb-client',
        file: script('pouch-client'),
        dir,
        onLine: (line) => resolve(resultSchema.parse(JSON.parse(line))),
        onDeath: (detail) => {
          reject(new FoyerError('dependency-missing', `PouchDB's client ended: ${detail}.`));
        },
      });
      client.start({ dir: clientDir, url, batch }).catch(reject);
    });
    return { seconds: result.seconds, bytesPerRow: meter.counts.bytes / result.rows };
  } finally {
    client?.release();
    await client?.stop();
    await server.stop();
    await meter?.close();
  }
}
