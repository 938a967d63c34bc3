import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { createJsonPost } from './json-post.ts';

let server: Server;
let connections = 0;
let answer: (response: ServerResponse, body: string) => void;

beforeEach(async () => {
  connections = 0;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => answer(response, body));
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const open = () =>
  createJsonPost(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/scans`));

it('posts and reads JSON, again and again over one connection', async () => {
  answer = (response, body) => response.writeHead(422).end(`{"echo":${body}}`);
  const post = open();
  for (const scan of [1, 2, 3]) {
    expect(await post({ scan }, 5_000)).toEqual({ status: 422, body: { echo: { scan } } });
  }
  expect(connections).toBe(1);
});

it('gives up after its time', async () => {
  answer = () => {};
  await expect(open()({}, 30)).rejects.toThrow(/abort/);
});

it('refuses an answer that is no JSON, is cut short, or has no end', async () => {
  answer = (response) => response.end('<html>');
  await expect(open()({}, 5_000)).rejects.toThrow(/JSON/);
  answer = (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"a":');
    setImmediate(() => response.destroy());
  };
  await expect(open()({}, 5_000)).rejects.toThrow(/aborted/);
  answer = (response) => {
    const more = (): void => {
      if (!response.destroyed) response.write('x'.repeat(500_000), () => setImmediate(more));
    };
    more();
  };
  await expect(open()({}, 5_000)).rejects.toThrow(/too large|aborted/);
});
