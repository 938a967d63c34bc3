import { expect, test } from 'vitest';
import { z } from 'zod';

import bodies from '../fixtures/bodies.json' with { type: 'json' };
import events from '../fixtures/events.json' with { type: 'json' };
import ids from '../fixtures/ids.json' with { type: 'json' };
import messages from '../fixtures/messages.json' with { type: 'json' };
import rows from '../fixtures/rows.json' with { type: 'json' };
import * as contracts from './index.ts';

interface Fixture {
  valid: unknown[];
  invalid: { why: string; value: unknown }[];
}

type Case = [name: string, schema: z.ZodType, fixture: Fixture];

const named = new Map<string, z.ZodType>(
  Object.entries(contracts).flatMap(([name, value]) =>
    value instanceof z.ZodType ? [[name.toLowerCase(), value] as const] : [],
  ),
);

function schemaNamed(name: string): z.ZodType {
  const schema = named.get(`${name.toLowerCase()}schema`);
  if (schema === undefined) throw new Error(`No schema is named ${name}.`);
  return schema;
}

const cases: Case[] = [
  ...Object.entries(messages).map(([type, fixture]): Case => [
    `message ${type}`,
    contracts.messageSchema,
    fixture,
  ]),
  ...Object.entries(events).map(([kind, fixture]): Case => [
    `event ${kind}`,
    contracts.eventBodySchema,
    fixture,
  ]),
  ...Object.entries(rows).map(([table, fixture]): Case => [
    `row of ${table}`,
    contracts.feedTables[table as contracts.FeedTable].schema,
    fixture,
  ]),
  ...[...Object.entries(ids), ...Object.entries(bodies)].map(([name, fixture]): Case => [
    name,
    schemaNamed(name),
    fixture,
  ]),
];

test('every message, event, row and request or answer of an API has fixtures', () => {
  const types = contracts.messageSchema.options.map((option) => option.shape.type.value);
  expect(Object.keys(messages).toSorted()).toEqual(types.toSorted());
  const kinds = contracts.eventBodySchema.options.map((option) => option.shape.kind.value);
  expect(Object.keys(events).toSorted()).toEqual(kinds.toSorted());
  expect(Object.keys(rows).toSorted()).toEqual(Object.keys(contracts.feedTables).toSorted());
  const operations: contracts.Operation[] = [
    ...Object.values(contracts.localOperations),
    ...Object.values(contracts.catalogueOperations),
    ...Object.values(contracts.bookingOperations),
    ...Object.values(contracts.contentOperations),
    ...Object.values(contracts.scannerOperations),
    ...Object.values(contracts.paymentOperations),
  ];
  const covered = new Set<unknown>(cases.map(([, schema]) => schema));
  const names = new Map<unknown, string>([...named].map(([name, schema]) => [schema, name]));
  const missing = operations
    .flatMap((operation) => [operation.body, operation.response])
    .filter((schema) => schema !== undefined && names.has(schema) && !covered.has(schema))
    .map((schema) => names.get(schema));
  expect(missing).toEqual([]);
});

test.each(cases)(
  '%s: what is valid is read as it is, nothing stripped',
  (_name, schema, { valid }) => {
    expect(valid.length).toBeGreaterThan(0);
    for (const value of valid) expect(schema.parse(value)).toEqual(value);
  },
);

test.each(cases)('%s: what is invalid is refused', (_name, schema, { invalid }) => {
  expect(invalid.length).toBeGreaterThan(0);
  const accepted = invalid.filter(({ value }) => schema.safeParse(value).success);
  expect(accepted.map(({ why }) => why)).toEqual([]);
});

/** Optional fields, and those that have a default: the only ones that may be left out. */
const mayMiss: Record<string, readonly string[]> = {
  'message hint': ['digest'],
  'message chunk': ['digest'],
  'message push': ['oldest'],
  'event denial': ['ticketId', 'showNo'],
  Verdict: ['right', 'showNo', 'seat', 'ticketClass', 'admission', 'peers'],
  ScanRequest: ['peek', 'override'],
  HoldRequest: ['ticketClass', 'group', 'rotating'],
  CancelRequest: ['refund'],
  FrameResult: ['scanMs'],
  ShowPatch: ['delayMin', 'status'],
};

test.each(cases)('%s: no field may be left out but those known', (name, schema, { valid }) => {
  const missed = new Set<string>();
  for (const value of valid) {
    if (typeof value !== 'object' || value === null) continue;
    for (const field of Object.keys(value)) {
      const rest = Object.fromEntries(Object.entries(value).filter(([key]) => key !== field));
      if (schema.safeParse(rest).success) missed.add(field);
    }
  }
  expect([...missed].filter((field) => !(mayMiss[name] ?? []).includes(field))).toEqual([]);
});

test('a message of an unknown type is refused; a field too many is left out', () => {
  expect(contracts.messageSchema.safeParse({ type: 'film' }).success).toBe(false);
  const [hint] = messages.hint.valid;
  const later = { ...hint, addedLater: true };
  expect(contracts.messageSchema.parse(later)).toEqual(hint);
});
