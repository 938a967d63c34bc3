import { feedBodySchema, isFoyerError, type FeedBody } from '@foyer/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { packBody, unpackBody } from './blocks.ts';
import type { FeedRecord } from './rows.ts';

function record(columns: string[], values: unknown[], at: Partial<FeedRecord> = {}): FeedRecord {
  const enc = JSON.stringify(values);
  return { table: 'ticket', key: 'k', group: '', seq: 1, columns, enc, ...at };
}

test('rows come back byte for byte, whatever their values', () => {
  const anyRecord = fc
    .tuple(
      fc.constantFrom('ticket', 'show', 'newer-table'),
      fc.array(fc.jsonValue(), { minLength: 3, maxLength: 3 }),
      fc.string({ maxLength: 20 }),
      fc.string({ maxLength: 10 }),
      fc.nat(),
      fc.boolean(),
    )
    .map(([table, values, key, group, seq, gone]) =>
      gone
        ? { table, key, group, seq, columns: [], enc: null }
        : record(['a', 'b', 'c'], values, { table, key, group, seq }),
    );
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 30 }), (records) => {
      const { body, taken } = packBody(records);
      expect(taken).toBe(records.length);
      const parsed = feedBodySchema.parse(JSON.parse(JSON.stringify(body)));
      const order = (a: FeedRecord, b: FeedRecord): number =>
        JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
      expect(unpackBody(parsed).toSorted(order)).toEqual(records.toSorted(order));
    }),
  );
});

test('a key or group that a column holds already is named, not repeated', () => {
  const columns = ['ticketId', 'showNo'];
  const rows = [
    record(columns, ['a1', 7], { key: 'a1', group: '7', seq: 3 }),
    record(columns, ['a2', 9], { key: 'a2', group: '9', seq: 4 }),
  ];
  const block = packBody(rows).body.blocks[0];
  expect(block).toMatchObject({ keys: 0, groups: 1, seqs: { first: 3, steps: '' } });
});

const sound = packBody([
  record(['a', 'b'], ['x', 1], { key: 'x', seq: 1 }),
  record(['a', 'b'], ['y', 2], { key: 'y', seq: 9 }),
]).body;

function damaged(change: (block: FeedBody['blocks'][number]) => void): FeedBody {
  const body = structuredClone(sound);
  const block = body.blocks[0];
  if (block !== undefined) change(block);
  return body;
}

test.each([
  ['too few values', damaged((b) => b.values.pop())],
  ['another number of rows', damaged((b) => (b.rows = 3))],
  [
    'a whole number that is not one',
    damaged((b) => (b.values[1] = { coding: 'int', text: '1\n07' })),
  ],
  ['JSON that is not', damaged((b) => (b.values[1] = { coding: 'json', text: '1],[2\n3' }))],
  ['a plain text with a quote', damaged((b) => (b.values[0] = { coding: 'text', text: 'x\n"' }))],
  ['a key column that is not there', damaged((b) => (b.keys = 12))],
  ['numbers that are not sound', damaged((b) => (b.seqs.steps = 'x'))],
  [
    'a text that unpacks to too much',
    damaged((b) => {
      b.rows = 60_000;
      b.values[0] = { coding: 'same', text: JSON.stringify('x'.repeat(5000)) };
    }),
  ],
])('refuses a block with %s', (_, body) => {
  let error: unknown;
  try {
    unpackBody(body);
  } catch (caught) {
    error = caught;
  }
  expect(isFoyerError(error)).toBe(true);
});
