import { request } from 'node:http';
import { connect } from 'node:net';

import { problemSchema } from '@foyer/contracts';
import { afterEach, expect, test } from 'vitest';

import { waitFor } from '../testing/index.ts';
import {
  finishApp,
  localOnly,
  newApp,
  refuseForeign,
  serve,
  type ForeignRequest,
  type HttpServer,
} from './index.ts';

let server: HttpServer | undefined;
const refused: ForeignRequest[] = [];

afterEach(async () => {
  await server?.close(0);
  server = undefined;
  refused.length = 0;
});

const host = '127.0.0.1:8080';

test('programs and pages of this very server are let through', () => {
  for (const name of ['127.0.0.1', '127.0.0.1:1', 'localhost:8080', '[::1]:8080', '127.8.8.8']) {
    expect(refuseForeign({ host: name })).toBeNull();
  }
  expect(refuseForeign({ host, origin: `http://${host}` })).toBeNull();
  expect(refuseForeign({ host, 'sec-fetch-site': 'same-origin' })).toBeNull();
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  expect(refuseForeign({ host, ...link })).toBeNull();
});

test('a name that was made to point here is refused', () => {
  for (const name of ['', 'example.org', 'example.org:8080', '127.0.0.1.example.org:80', '[::2]']) {
    expect(refuseForeign({ host: name })).toBe('foreign-host');
  }
  expect(refuseForeign({})).toBe('foreign-host');
});

test('requests across origins are refused, those of other ports of this box included', () => {
  const origins = ['http://example.org', 'null', 'http://127.0.0.1:9090', `https://${host}`];
  for (const origin of origins) expect(refuseForeign({ host, origin })).toBe('foreign-origin');
  const fetched = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
  expect(refuseForeign({ host, ...fetched })).toBe('foreign-origin');
});

async function startServer(bounds: Parameters<typeof serve>[2] = {}): Promise<HttpServer> {
  const app = newApp();
  app.use(localOnly((reason) => refused.push(reason)));
  app.post('/v1/things', (_request, response) => void response.json({ done: true }));
  finishApp(app);
  server = await serve(app, { host: '127.0.0.1', port: 0 }, bounds);
  return server;
}

function post(port: number, headers: Record<string, string>): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/v1/things', method: 'POST', headers };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve([response.statusCode ?? 0, text]));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('a foreign request is answered 403 with what to do, and counted', async () => {
  const { port } = await startServer();
  expect((await post(port, {}))[0]).toBe(200);
  const [status, text] = await post(port, { host: 'rebound.example.org' });
  expect(status).toBe(403);
  expect(problemSchema.parse(JSON.parse(text))).toMatchObject({ code: 'identity-refused' });
  expect((await post(port, { origin: 'http://example.org' }))[0]).toBe(403);
  expect(refused).toEqual(['foreign-host', 'foreign-origin']);
});

test('a client that sends its headers drop by drop is cut off', async () => {
  const { port } = await startServer({ headersTimeoutMs: 150, checkEveryMs: 50 });
  const socket = connect(port, '127.0.0.1');
  let closed = false;
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  socket.resume();
  socket.write('POST /v1/things HTTP/1.1\r\nhost: 127.0.0.1\r\n');
  await waitFor('the slow client to be cut off', () => closed);
  expect((await post(port, {}))[0]).toBe(200);
});

test('connections beyond the bound are not taken', async () => {
  const { port } = await startServer({ maxConnections: 2 });
  const closed = [false, false, false];
  const sockets = closed.map((_, index) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => {
      closed[index] = true;
    });
    socket.resume();
    return socket;
  });
  await waitFor('one to be turned away', () => closed.filter(Boolean).length === 1);
  for (const socket of sockets) socket.destroy();
});
