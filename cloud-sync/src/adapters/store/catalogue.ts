import {
  auditoriumInputSchema,
  campaignRowSchema,
  configEpochRowSchema,
  filmRowSchema,
  FoyerError,
  itemRowSchema,
  keyRowSchema,
  mediaRowSchema,
  nodeRowSchema,
  screenRowSchema,
  showInputSchema,
  showRowSchema,
  signageRowSchema,
  theatreRowSchema,
  type ShowNo,
  type TheatreNo,
} from '@foyer/contracts';
import { sql } from 'kysely';
import { z } from 'zod';

import { compileOnce } from './compiled.ts';
import type { DatabaseKind, Db, Tx } from './database.ts';

const kinds = {
  theatre: theatreRowSchema,
  auditorium: auditoriumInputSchema,
  film: filmRowSchema,
  show: showRowSchema.extend(showInputSchema.pick({ priceMinor: true }).shape),
  node: nodeRowSchema,
  'config-epoch': configEpochRowSchema,
  key: keyRowSchema,
  'show-key': z.object({ showNo: z.int(), key: z.string() }),
  signage: signageRowSchema,
  screen: screenRowSchema,
  media: mediaRowSchema,
  item: itemRowSchema,
  campaign: campaignRowSchema,
} as const;

export type CatalogueKind = keyof typeof kinds;
export type CatalogueDoc<K extends CatalogueKind> = z.infer<(typeof kinds)[K]>;
export type StoredShow = CatalogueDoc<'show'>;

function parse<K extends CatalogueKind>(kind: K, doc: string): CatalogueDoc<K> {
  return kinds[kind].parse(JSON.parse(doc)) as CatalogueDoc<K>;
}

const entryRow = compileOnce(3, (db, theatreNo: TheatreNo, kind: CatalogueKind, key: string) =>
  db
    .selectFrom('catalogue')
    .select('doc')
    .where('theatre_no', '=', theatreNo)
    .where('kind', '=', kind)
    .where('key', '=', key),
);

/** One entry of a theatre's catalogue, or undefined. */
export async function findEntry<K extends CatalogueKind>(
  db: Db | Tx,
  theatreNo: TheatreNo,
  kind: K,
  key: string | number,
): Promise<CatalogueDoc<K> | undefined> {
  const [row] = await entryRow(db, theatreNo, kind, String(key));
  return row === undefined ? undefined : parse(kind, row.doc);
}

/** Every entry of a kind, by key. */
export async function listEntries<K extends CatalogueKind>(
  db: Db | Tx,
  theatreNo: TheatreNo,
  kind: K,
): Promise<CatalogueDoc<K>[]> {
  const rows = await db
    .selectFrom('catalogue')
    .select('doc')
    .where('theatre_no', '=', theatreNo)
    .where('kind', '=', kind)
    .orderBy('key')
    .execute();
  return rows.map((row) => parse(kind, row.doc));
}

/** All theatres, by number. */
export async function listTheatres(db: Db | Tx): Promise<CatalogueDoc<'theatre'>[]> {
  const rows = await db
    .selectFrom('catalogue')
    .select('doc')
    .where('kind', '=', 'theatre')
    .orderBy('theatre_no')
    .execute();
  return rows.map((row) => parse('theatre', row.doc));
}

/** Creates or replaces an entry. */
export async function putEntry<K extends CatalogueKind>(
  tx: Tx,
  theatreNo: TheatreNo,
  kind: K,
  key: string | number,
  doc: CatalogueDoc<K>,
): Promise<void> {
  const row = { theatre_no: theatreNo, kind, key: String(key), doc: JSON.stringify(doc) };
  await tx
    .insertInto('catalogue')
    .values(row)
    .onConflict((on) => on.columns(['theatre_no', 'kind', 'key']).doUpdateSet({ doc: row.doc }))
    .execute();
}

export async function removeEntry(
  tx: Tx,
  theatreNo: TheatreNo,
  kind: CatalogueKind,
  key: string | number,
): Promise<void> {
  await tx
    .deleteFrom('catalogue')
    .where('theatre_no', '=', theatreNo)
    .where('kind', '=', kind)
    .where('key', '=', String(key))
    .execute();
}

/** The theatre, or FoyerError `not-found`. */
export async function needTheatre(db: Db | Tx, theatreNo: TheatreNo) {
  const theatre = await findEntry(db, theatreNo, 'theatre', theatreNo);
  if (theatre !== undefined) return theatre;
  throw new FoyerError('not-found', `There is no theatre ${theatreNo}.`);
}

/** The theatre, locked: whoever else changes what it is made of waits until the commit. */
export async function lockTheatre(tx: Tx, kind: DatabaseKind, theatreNo: TheatreNo) {
  if (kind === 'postgres') {
    await sql`SELECT 1 FROM catalogue WHERE theatre_no = ${theatreNo} AND kind = 'theatre'
      FOR UPDATE`.execute(tx);
  }
  return needTheatre(tx, theatreNo);
}

/** The show, or FoyerError `not-found`. */
export async function needShow(db: Db | Tx, theatreNo: TheatreNo, showNo: ShowNo) {
  const show = await findEntry(db, theatreNo, 'show', showNo);
  if (show !== undefined) return show;
  throw new FoyerError('not-found', `Theatre ${theatreNo} has no show ${showNo}.`);
}

/** The auditorium, or FoyerError `not-found`. */
export async function needAuditorium(db: Db | Tx, theatreNo: TheatreNo, auditorium: string) {
  const found = await findEntry(db, theatreNo, 'auditorium', auditorium);
  if (found !== undefined) return found;
  throw new FoyerError('not-found', `Theatre ${theatreNo} has no auditorium ${auditorium}.`);
}
