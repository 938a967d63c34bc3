import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Parser } from '@asyncapi/parser';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';

import pins from '../../fixtures/schema-hashes.json' with { type: 'json' };
import { protocolVersion } from '../protocol-version.ts';
import { comparePins, documents, shapes } from './index.ts';
import { canonicalJson } from '../json.ts';
import { httpApis, openApiPath } from './openapi.ts';

const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);

const checkedIn = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

const all = documents();

const advice = `The shapes named here are not those pinned in
contracts/fixtures/schema-hashes.json.
Can a node of the previous version still read what one of this version writes, and the reverse (a
new optional field)?
  yes: run \`npm run contracts -- --repin\` and check in what it writes.
  no:  raise protocolVersion in contracts/src/protocol-version.ts, keep reading the last version,
       then run \`npm run contracts\`.`;

test('no shape changed without a new version or a new pin', () => {
  const difference = comparePins(pins, hashOf);
  const isPinned = Object.values(difference).every((names: string[]) => names.length === 0);
  if (isPinned && pins.protocolVersion === protocolVersion) return;
  throw new Error(`${JSON.stringify(difference, null, 2)}\n${advice}`);
});

test('a changed, a new and a lost shape are each told', () => {
  const { Hint: _lost, ...hashes } = pins.hashes;
  const other = { ...pins, hashes: { ...hashes, Ack: 'another', Film: 'unknown' } };
  expect(comparePins(other, hashOf)).toEqual({
    changed: ['Ack'],
    added: ['Hint'],
    removed: ['Film'],
  });
});

test('every bound and every column counts as part of a shape', () => {
  const { Verdict: verdict, 'table ticket': table } = shapes();
  expect(verdict).toContain('"maxLength":200');
  expect(table).toContain('"columns":["ticketId","bookingRef"');
  expect(canonicalJson({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}');
});

test.each(Object.keys(all))(
  '%s is what the contracts say; else run `npm run contracts`',
  (path) => {
    expect(checkedIn(path)).toBe(all[path]);
  },
);

test('the AsyncAPI document is a valid one', async () => {
  const { document, diagnostics } = await new Parser().parse(all['docs/asyncapi.json'] ?? '');
  const errors = diagnostics.filter(({ severity }) => Number(severity) === 0);
  expect(errors).toEqual([]);
  const addresses = document
    ?.channels()
    .all()
    .map((channel) => channel.address());
  expect(addresses).toEqual([
    'foyer/1/{theatreNo}/{nodeId}/up',
    'foyer/1/{theatreNo}/{nodeId}/down',
    'foyer/1/{theatreNo}/all/down',
    null,
  ]);
});

test.each(httpApis.map((api) => [api.name, api] as const))(
  'the OpenAPI document of %s is a valid one and lacks no operation',
  async (name, api) => {
    const document = JSON.parse(all[`docs/openapi-${name}.json`] ?? '') as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const result = await new Validator().validate(structuredClone(document));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    for (const [id, operation] of Object.entries(api.operations)) {
      const found = document.paths[openApiPath(operation.path)]?.[operation.method];
      expect(found?.operationId).toBe(id);
    }
  },
);

test('every reference in a document leads somewhere', () => {
  for (const [path, text] of Object.entries(all)) {
    if (!path.endsWith('.json')) continue;
    const document: unknown = JSON.parse(text);
    const targets = [...text.matchAll(/"\$ref": "#\/([^"]+)"/g)].map((match) => match[1] ?? '');
    const broken = targets.filter((target) => {
      const found = target
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      return found === undefined;
    });
    expect(broken).toEqual([]);
  }
});
