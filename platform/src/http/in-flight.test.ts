import { afterEach, expect, test } from 'vitest';

import { waitFor } from '../testing/index.ts';
import { atMostInFlight, finishApp, newApp, serve, type HttpServer } from './index.ts';

let server: HttpServer | undefined;

afterEach(async () => {
  await server?.close(0);
  server = undefined;
});

test('requests beyond the bound are told to come again, and room is given back', async () => {
  const waiting: (() => void)[] = [];
  const app = newApp();
  app.use(atMostInFlight(2));
  app.get('/', (_request, response) => void waiting.push(() => response.json({})));
  finishApp(app);
  server = await serve(app, { host: '127.0.0.1', port: 0 });
  const { url } = server;
  const held = [fetch(url), fetch(url)];
  await waitFor('two requests in hand', () => waiting.length === 2);
  expect((await fetch(url)).status).toBe(503);
  for (const answer of waiting) answer();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  const next = fetch(url);
  await waitFor('the next request', () => waiting.length === 3);
  waiting[2]?.();
  expect((await next).status).toBe(200);
});
