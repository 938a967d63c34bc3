import {
  FoyerError,
  maxUnpackedBytes,
  type Column,
  type FeedBody,
  type RowBlock,
} from '@foyer/contracts';

import { packColumn, plainTexts, unpackColumn } from './columns.ts';
import type { FeedRecord } from './rows.ts';

/** A group of rows that share their table and columns, taken apart. */
interface OpenBlock {
  table: string;
  columns: readonly string[];
  records: FeedRecord[];
  values: unknown[][];
}

/** Blocks of one body; rows of more kinds than this go into the next chunk. */
const maxBlocks = 64;

function valuesOf(record: FeedRecord): unknown[] {
  const values: unknown = JSON.parse(record.enc ?? '[]');
  if (Array.isArray(values) && values.length === record.columns.length) return values;
  throw new FoyerError(
    'unparsable',
    `The row ${record.table}/${record.key} is stored with another number of values than columns.`,
  );
}

/** The place of the column whose values read as `texts`, or a column that holds them. */
function columnOrPlace(texts: readonly string[], block: OpenBlock, packed: Column[]) {
  const place = packed.findIndex((column, c) => {
    const values = block.values[c];
    if (column.coding === 'json' || values === undefined) return false;
    return texts.every((text, r) => readsAs(values[r], text));
  });
  const found = packed[place];
  const keyLike = found !== undefined && isKeyLike(found);
  return keyLike ? place : packColumn(texts);
}

function readsAs(value: unknown, text: string): boolean {
  return value === text || (typeof value === 'number' && String(value) === text);
}

function isKeyLike(column: Column): boolean {
  return column.coding !== 'same' || /^["\-\d]/.test(column.text);
}

function packSeqs(records: readonly FeedRecord[]): RowBlock['seqs'] {
  const first = records[0]?.seq ?? 0;
  const steps: number[] = [];
  let before = first;
  for (const record of records.slice(1)) {
    steps.push(record.seq - before);
    before = record.seq;
  }
  return { first, steps: steps.every((step) => step === 1) ? '' : steps.join(',') };
}

function packBlock(block: OpenBlock): RowBlock {
  const packed = block.values.map((values) => packColumn(values));
  const keys = block.records.map((record) => record.key);
  const groups = block.records.map((record) => record.group);
  return {
    table: block.table,
    columns: [...block.columns],
    rows: block.records.length,
    values: packed,
    keys: columnOrPlace(keys, block, packed),
    groups: columnOrPlace(groups, block, packed),
    seqs: packSeqs(block.records),
  };
}

/**
 * Rows and tombstones as a message carries them, by column.
 * @returns the body of the first `taken` records: all of them, unless they are of too many kinds.
 */
export function packBody(records: readonly FeedRecord[]): { body: FeedBody; taken: number } {
  const open = new Map<string, OpenBlock>();
  const tombstones: FeedBody['tombstones'] = [];
  let taken = 0;
  for (const record of records) {
    if (record.enc === null) {
      const { table, key, group, seq } = record;
      tombstones.push({ table, key, group, seq });
    } else {
      const kind = `${record.table}\n${record.columns.join('\n')}`;
      let block = open.get(kind);
      if (block === undefined) {
        if (open.size === maxBlocks) break;
        const values = record.columns.map(() => []);
        block = { table: record.table, columns: record.columns, records: [], values };
        open.set(kind, block);
      }
      const values = valuesOf(record);
      for (let c = 0; c < values.length; c += 1) block.values[c]?.push(values[c]);
      block.records.push(record);
    }
    taken += 1;
  }
  return { body: { blocks: [...open.values()].map(packBlock), tombstones }, taken };
}

function unpackSeqs(block: RowBlock): number[] {
  const { first, steps } = block.seqs;
  if (steps === '') return Array.from({ length: block.rows }, (_, r) => first + r);
  const seqs = [first];
  let seq = first;
  for (const step of steps.split(',')) {
    seq += Number(step);
    seqs.push(seq);
  }
  const sound = seqs.every((value) => Number.isSafeInteger(value) && value >= 0);
  if (sound && seqs.length === block.rows) return seqs;
  throw new FoyerError('unparsable', 'A block of rows is damaged: its numbers are not sound.');
}

/** A small text can stand for many rows; what they become in memory is bounded all the same. */
function assertBounded(block: RowBlock): void {
  const once = (column: Column | number): number =>
    typeof column !== 'number' && column.coding === 'same' ? column.text.length : 0;
  const repeated = block.values.reduce((sum, column) => sum + once(column), 0);
  const bytes = block.rows * (repeated + once(block.keys) + once(block.groups));
  if (bytes <= 4 * maxUnpackedBytes) return;
  throw new FoyerError('payload-too-large', `A block unpacks to ${bytes} bytes.`);
}

function textsOf(at: number | Column, block: RowBlock): readonly string[] {
  const column = typeof at === 'number' ? block.values[at] : at;
  if (column !== undefined) return plainTexts(column, block.rows);
  throw new FoyerError('unparsable', 'A block of rows is damaged: it names no such column.');
}

function encodings(block: RowBlock): string[] {
  const rows = block.rows;
  const encs: string[] = Array.from({ length: rows }, () => '');
  let before = '[';
  for (const column of block.values) {
    const { quote, pieces } = unpackColumn(column, rows);
    const open = before + quote;
    for (let r = 0; r < rows; r += 1) encs[r] += open + (pieces[r] ?? '');
    before = `${quote},`;
  }
  const close = `${before.slice(0, -1)}]`;
  for (let r = 0; r < rows; r += 1) encs[r] += close;
  return encs;
}

function unpackBlock(block: RowBlock, into: FeedRecord[]): void {
  if (block.values.length !== block.columns.length) {
    throw new FoyerError('unparsable', 'A block of rows is damaged: a column has no name.');
  }
  assertBounded(block);
  const keys = textsOf(block.keys, block);
  const groups = textsOf(block.groups, block);
  const seqs = unpackSeqs(block);
  const encs = encodings(block);
  const { table, columns } = block;
  for (let r = 0; r < block.rows; r += 1) {
    const key = keys[r] ?? '';
    const group = groups[r] ?? '';
    if (key.length > 64 || group.length > 16) {
      throw new FoyerError('unparsable', 'A block of rows is damaged: a key is too long.');
    }
    into.push({ table, key, group, seq: seqs[r] ?? 0, columns, enc: encs[r] ?? '' });
  }
}

/**
 * The rows and tombstones of a message, rows first, each block in its order.
 * Throws FoyerError `unparsable` or `payload-too-large`; nothing else, whatever the body holds.
 */
export function unpackBody(body: FeedBody): FeedRecord[] {
  const records: FeedRecord[] = [];
  for (const block of body.blocks) unpackBlock(block, records);
  for (const tombstone of body.tombstones) {
    records.push({ ...tombstone, columns: [], enc: null });
  }
  return records;
}
