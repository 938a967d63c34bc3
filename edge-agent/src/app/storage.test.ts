import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EventStore } from '@foyer/cloud-sync/engine';
import type { EventBody } from '@foyer/contracts';
import { nodeClock, nodeRandom, openOrQuarantine } from '@foyer/platform/node';
import { simLogger } from '@foyer/platform/sim';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reportQuarantine } from './quarantine-report.ts';
import { openStorage, type OpenJournal, type Storage } from './storage.ts';

let dir = '';
type Open = Storage & { events: EventStore };

let open: Open | null = null;

beforeEach(() => {
  dir = makeTempDir('storage');
});

afterEach(() => {
  open?.journal.close();
  open = null;
  removeTempDir(dir);
});

const clock = nodeClock();
const node = 'gate-1';
const logger = simLogger();
let applied: string[] = [];

function start(): Open {
  open?.journal.close();
  const random = nodeRandom();
  const options = { path: file(), nowMs: clock.nowMs() };
  const openJournal: OpenJournal = (migrations) => openOrQuarantine({ ...options, migrations });
  const storage = openStorage({ random, openJournal, onCommit: () => {} });
  const { journal, quarantined: path } = storage;
  const nowMs = () => clock.nowMs();
  const events = new EventStore({ journal, random, nowMs, self: node });
  applied = [];
  const apply = ({ eventId }: { eventId: string }) => applied.push(eventId);
  if (path !== null) reportQuarantine({ path, node, journal, events, apply, clock, logger });
  open = { ...storage, events };
  return open;
}

const file = () => join(dir, 'gate.db');

const denial = (n: number): EventBody => ({
  kind: 'denial',
  scanId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  colour: 'red',
  reason: 'forged',
  gate: 'gate-1',
  atMs: 1_700_000_000_000,
});

function append(storage: Open, count: number): string[] {
  return storage.journal.transaction(() =>
    Array.from({ length: count }, (_, n) => storage.events.append(denial(n)).eventId),
  );
}

function eventsOf(storage: Open): { eventId: string; body: EventBody }[] {
  return storage.events
    .lanes()
    .flatMap((lane) => storage.events.events(lane, 0, 10_000))
    .map(({ eventId, body }) => ({ eventId, body: JSON.parse(body) as EventBody }));
}

/** Overwrites the middle of the database with noise. */
function damage(from: number, bytes: number): void {
  const handle = openSync(file(), 'r+');
  writeSync(handle, Buffer.alloc(bytes, 0xa5), 0, bytes, from);
  closeSync(handle);
}

test('each start has a boot of its own, growing', () => {
  const first = start().boot;
  expect(start().boot).toBeGreaterThan(first);
});

test('a file that is no database is set aside, and the agent starts empty with an alarm', () => {
  writeFileSync(file(), 'this is not a database, it only looks like a file '.repeat(100));
  const kinds = eventsOf(start()).map(({ body }) => (body.kind === 'alarm' ? body.code : ''));
  expect(kinds).toEqual(['database-quarantined']);
  expect(readdirSync(dir).some((name) => name.startsWith('gate.db.corrupt-'))).toBe(true);
});

function salvaged(storage: Open): string[] {
  const denials = eventsOf(storage).filter(({ body }) => body.kind === 'denial');
  return denials.map(({ eventId }) => eventId);
}

test('unsent events of a damaged file are saved under their own ids in a new incarnation', () => {
  const storage = start();
  const ids = append(storage, 500);
  const incarnation = storage.events.incarnation();
  storage.journal.close();
  const { size } = statSync(file());
  damage(Math.floor(size / 2 / 4096) * 4096, 4096);
  const mended = start();
  const saved = salvaged(mended);
  expect(mended.events.incarnation()).not.toBe(incarnation);
  expect(saved.length).toBeGreaterThan(450);
  expect(saved.every((eventId) => ids.includes(eventId))).toBe(true);
  expect(applied).toEqual(saved);
  expect(eventsOf(mended).some(({ body }) => body.kind === 'alarm')).toBe(true);
});

test('every unsent event is saved when the file lost its first pages', () => {
  const ids = append(start(), 200);
  open?.journal.close();
  damage(0, 4096);
  expect(salvaged(start())).toEqual(ids);
});

test('a sound file keeps its incarnation and its events', () => {
  const storage = start();
  const ids = append(storage, 3);
  const incarnation = storage.events.incarnation();
  const again = start();
  expect(again.events.incarnation()).toBe(incarnation);
  expect(eventsOf(again).map(({ eventId }) => eventId)).toEqual(ids);
});
