import { connect, type Socket } from 'node:net';
import { nodeClock } from '@foyer/platform/node';
import { finishApp, newApp, serve, type HttpServer } from '@foyer/platform/http';
import { waitFor } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventStream, maxReaders } from './event-stream.ts';

let events: EventStream;
let server: HttpServer;
const sockets: Socket[] = [];

beforeEach(async () => {
  events = new EventStream(nodeClock(), Date.now());
  const app = newApp();
  app.get('/', (request, response) => events.serve(request, response));
  finishApp(app);
  server = await serve(app, { host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  events.close();
  await server.close(0);
});

/** A reader that asks for the events and then reads nothing. */
async function reader(): Promise<void> {
  const before = events.readers;
  const socket = connect(server.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  await waitFor('the reader', () => events.readers === before + 1);
}

test('a reader that takes much more than it reads is cut off; others stay', async () => {
  await reader();
  const response = await fetch(server.url);
  const reading = response.body?.pipeTo(new WritableStream()).catch(() => {});
  const value = 'x'.repeat(262_144);
  // What the sockets themselves hold comes first: a few megabytes.
  await waitFor('the one that does not read to be cut off', () => {
    events.publish('verdict', value);
    return events.readers === 1;
  });
  await server.close(0);
  await reading;
});

test('more readers than the bound are told to come again', async () => {
  for (let n = 0; n < maxReaders; n += 1) await reader();
  expect((await fetch(server.url)).status).toBe(503);
  sockets[0]?.destroy();
  await waitFor('room for another', () => events.readers === maxReaders - 1);
  await reader();
});
