import { once } from 'node:events';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseTicketCode } from '@foyer/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { Cleanup } from './cleanup.ts';
import { layCable, sweep, tool, whyNot } from './netns.ts';
import { startRelays } from './relay.ts';
import { SmallDisk } from './small-disk.ts';
import { Tickets } from './tickets.ts';

let dir: string;
let cleanup: Cleanup;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'foyer-fault-'));
  cleanup = new Cleanup();
});

afterEach(() => {
  cleanup.run();
  rmSync(dir, { recursive: true, force: true });
});

test('cleanup undoes the newest first, goes on after a failure, and does it once', () => {
  const done: string[] = [];
  cleanup.add('first', () => void done.push('first'));
  cleanup.add('broken', () => {
    throw new Error('it is gone already');
  });
  cleanup.add('last', () => void done.push('last'));
  expect(cleanup.run()).toEqual(['broken: it is gone already']);
  expect(cleanup.run()).toEqual([]);
  expect(done).toEqual(['last', 'first']);
});

test('a relay joins a Unix socket to a port, both ways', async () => {
  const echo = createServer((socket) => socket.pipe(socket));
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  const { port } = echo.address() as { port: number };
  const path = join(dir, 'relay.sock');
  const close = await startRelays([{ from: { path }, to: { host: '127.0.0.1', port } }]);
  const socket = connect(path);
  socket.write('there and back');
  const [heard] = (await once(socket, 'data')) as [Buffer];
  expect(heard.toString()).toBe('there and back');
  socket.destroy();
  close();
  echo.close();
});

test('every fresh ticket is shown once, as a code that parses; then old ones come again', () => {
  const ticketIds = ['0007000000000001', '0007000000000002'];
  const signingKey = Buffer.alloc(32, 7).toString('base64url');
  const tickets = new Tickets([{ bookingId: 'b', showNo: 3, ticketIds }], signingKey, () => 0.5);
  const shown = [tickets.fresh(), tickets.fresh()].map((text) => {
    const parsed = parseTicketCode(text);
    return parsed.outcome === 'code' ? parsed.code.ticketId : text;
  });
  expect(shown.toSorted()).toEqual(ticketIds);
  expect(tickets.left).toBe(0);
  expect(parseTicketCode(tickets.fresh()).outcome).toBe('code');
});

test.skipIf(whyNot('mount') !== null)('a small disk fills to its last page, and is freed', () => {
  const mounted = join(dir, 'disk');
  const disk = new SmallDisk(mounted, 2 * 1_048_576, cleanup);
  expect(disk.fill()).toBeGreaterThan(1_900_000);
  expect(() => writeFileSync(join(mounted, 'more'), 'x'.repeat(8192))).toThrow(/ENOSPC/);
  disk.free();
  writeFileSync(join(mounted, 'more'), 'x'.repeat(8192));
  cleanup.run();
  expect(statfsSync(dir).blocks).not.toBe(512);
});

test.skipIf(whyNot('ip') !== null)('a cable between two rooms is pulled and plugged', () => {
  const rooms = layCable(cleanup);
  const { gateRoom, farRoom } = rooms;
  const carrier = (): string => tool('ip', '-n', gateRoom, 'link', 'show', 'cable');
  expect(carrier()).toMatch(/LOWER_UP/);
  rooms.pull();
  expect(carrier()).toMatch(/NO-CARRIER/);
  rooms.plug();
  expect(carrier()).toMatch(/LOWER_UP/);
  cleanup.run();
  expect(tool('ip', 'netns', 'list')).not.toMatch(new RegExp(`${gateRoom}|${farRoom}`));
});

test.skipIf(whyNot('ip') !== null)(
  'what a killed run left behind is swept, and nothing else',
  () => {
    const [gone, own] = ['foyer-4194999-gate', `foyer-${process.pid}-own`];
    for (const room of [gone, own]) tool('ip', 'netns', 'add', room);
    cleanup.add('own', () => tool('ip', 'netns', 'del', own));
    sweep();
    const left = tool('ip', 'netns', 'list');
    expect([left.includes(gone), left.includes(own)]).toEqual([false, true]);
  },
);
