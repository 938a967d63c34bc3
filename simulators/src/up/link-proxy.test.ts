import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { LinkProxy } from './link-proxy.ts';

let echo: Server;
let served: Socket[];
let proxy: LinkProxy;
let port: number;
let clients: Socket[];

beforeEach(async () => {
  served = [];
  clients = [];
  echo = createServer((socket) => {
    served.push(socket);
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  proxy = new LinkProxy('test');
  port = await proxy.listen();
  proxy.setTarget((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const socket of [...clients, ...served]) socket.destroy();
  await proxy.close();
  echo.close();
});

function dial(): Socket {
  const socket = connect({ host: '127.0.0.1', port });
  clients.push(socket);
  socket.on('error', () => undefined);
  return socket;
}

// Not `once` of node:events: it rejects at the reset that comes first.
const closedOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
  });

async function say(socket: Socket, text: string): Promise<string> {
  const heard = once(socket, 'data');
  socket.write(text);
  const [data] = (await heard) as [Buffer];
  return data.toString();
}

test('it forwards both ways and counts', async () => {
  expect(await say(dial(), 'hello')).toBe('hello');
  expect(proxy.carriedBytes).toBe(10);
});

test('a cut link moves nothing and tells nobody; mended, the bytes that waited go on', async () => {
  const socket = dial();
  await say(socket, 'before');
  const events: string[] = [];
  socket.on('close', () => events.push('close'));
  socket.on('data', (data: Buffer) => events.push(data.toString()));
  proxy.cut();
  socket.write('through the cut');
  // A round trip on a second, sound link gives the bytes time to arrive if they could.
  const other = new LinkProxy('other');
  const otherPort = await other.listen();
  other.setTarget((echo.address() as AddressInfo).port);
  const beside = connect({ host: '127.0.0.1', port: otherPort });
  clients.push(beside);
  await say(beside, 'a');
  await say(beside, 'b');
  expect(events).toEqual([]);
  const heard = once(socket, 'data');
  proxy.mend();
  await heard;
  expect(events).toEqual(['through the cut']);
  await other.close();
});

test('while cut new connections fail; one whose far end died is reset when mended', async () => {
  const socket = dial();
  await say(socket, 'before');
  proxy.cut();
  const refused = dial();
  await closedOf(refused);
  served[0]?.resetAndDestroy();
  let told = false;
  const closed = closedOf(socket).then(() => {
    told = true;
  });
  const alsoRefused = dial();
  await closedOf(alsoRefused);
  expect(told).toBe(false);
  proxy.mend();
  await closed;
  expect(await say(dial(), 'again')).toBe('again');
});

test('with nobody at its far end a connection fails', async () => {
  proxy.setTarget(undefined);
  await closedOf(dial());
});

test('a slow cable delays and throttles, keeps the order, and is good afterwards', async () => {
  const socket = dial();
  await say(socket, 'before');
  const heard: Buffer[] = [];
  socket.on('data', (data: Buffer) => heard.push(data));
  proxy.setManner({ delayMs: 30, bytesPerS: 20_000 });
  const sent = Buffer.from(Array.from({ length: 2_000 }, (_, n) => n % 251));
  const beganMs = performance.now();
  socket.setNoDelay(true);
  for (let from = 0; from < sent.length; from += 50) {
    socket.write(sent.subarray(from, from + 50));
    // Each write a chunk of its own, a fraction of a millisecond after the one before.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  while (Buffer.concat(heard).length < sent.length) await once(socket, 'data');
  // Both ways: 30 ms and the time of 2,000 bytes, each.
  expect(performance.now() - beganMs).toBeGreaterThan(2 * 30 + 100);
  expect(Buffer.concat(heard)).toEqual(sent);
  proxy.setManner(undefined);
  expect(await say(socket, 'after')).toBe('after');
});

test('half-closed, a connection still carries what the far end has to say', async () => {
  const late = createServer({ allowHalfOpen: true }, (socket) => {
    served.push(socket);
    socket.resume().on('end', () => socket.end('the last word'));
  });
  await once(late.listen(0, '127.0.0.1'), 'listening');
  proxy.setTarget((late.address() as AddressInfo).port);
  const socket = dial();
  await once(late, 'connection');
  const heard = once(socket, 'data');
  proxy.halfClose();
  expect(String((await heard)[0])).toBe('the last word');
  late.close();
});

test('it resets what is connected when it is broken, and takes new connections', async () => {
  const socket = dial();
  await say(socket, 'before');
  const closed = closedOf(socket);
  proxy.breakAll();
  await closed;
  expect(await say(dial(), 'again')).toBe('again');
});

test('its far end may be a Unix socket', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-link-'));
  const path = join(dir, 'far.sock');
  const far = createServer((socket) => {
    served.push(socket);
    socket.pipe(socket);
  });
  await once(far.listen(path), 'listening');
  proxy.setTarget(path);
  const socket = dial();
  expect(await say(socket, 'hello')).toBe('hello');
  const closed = closedOf(socket);
  for (const one of served) one.destroy();
  await closed;
  far.close();
  rmSync(dir, { recursive: true });
});
