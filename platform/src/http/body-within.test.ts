import { once } from 'node:events';
import { connect } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { bodyWithin } from './body-within.ts';
import { newApp, serve, type HttpServer } from './serve.ts';

let server: HttpServer | null = null;
afterEach(async () => {
  await server?.close(0);
  server = null;
});

/** Sends a request whose body never becomes whole; answers what came back until it was cut off. */
async function half(port: number, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => {
    text += data.toString();
  });
  socket.on('error', () => undefined);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf`);
  await once(socket, 'close');
  return text;
}

test('a body that does not become whole in its time ends the connection', async () => {
  const app = newApp();
  app.use(bodyWithin(50, ({ path }) => path === '/slow'));
  app.post('/fast', (request) => request.resume());
  app.post('/slow', (_request, response) => {
    setTimeout(() => {
      response.set('connection', 'close').end('late, but answered');
    }, 150);
  });
  server = await serve(app, { host: '127.0.0.1', port: 0 });
  expect(await half(server.port, '/fast')).toBe('');
  expect(await half(server.port, '/slow')).toContain('late, but answered');
});
