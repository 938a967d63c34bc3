import { FoyerError, problemSchema, type Operation } from '@foyer/contracts';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { finishApp, mountOperations, newApp, serve, type HttpServer } from './index.ts';

const operations = {
  add: {
    method: 'post',
    path: '/v1/sums/:base',
    summary: 'Adds.',
    params: z.object({ base: z.coerce.number().int() }),
    query: z.object({ twice: z.stringbool().default(false) }),
    body: z.object({ by: z.number() }),
    response: z.object({ sum: z.number() }),
    status: 201,
    errors: [],
  },
  picture: {
    method: 'get',
    path: '/v1/picture',
    summary: 'Bytes.',
    status: 200,
    mediaType: 'image/png',
    errors: ['not-found'],
  },
} as const satisfies Record<string, Operation>;

let server: HttpServer | undefined;
const faults: unknown[] = [];

afterEach(async () => {
  await server?.close();
  server = undefined;
  faults.length = 0;
});

async function start(picture: () => { contentType: string; body: Uint8Array }): Promise<string> {
  const app = newApp();
  mountOperations(
    app,
    operations,
    {
      add: ({ params, query, body }) => ({
        sum: (params.base + body.by) * (query.twice ? 2 : 1),
      }),
      picture,
    },
    { maxBodyBytes: 100 },
  );
  finishApp(app, (error) => faults.push(error));
  server = await serve(app, { host: '127.0.0.1', port: 0 });
  return server.url;
}

const post = (url: string, body: string, type = 'application/json') =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': type } });

async function problem(response: Response) {
  return { status: response.status, ...problemSchema.parse(await response.json()) };
}

const onePixel = () => ({ contentType: 'image/png', body: Uint8Array.of(1, 2, 3) });

test('parses path, query and body, and answers with the status of the table', async () => {
  const url = await start(onePixel);
  const response = await post(`${url}/v1/sums/4?twice=true`, '{"by":2}');
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ sum: 12 });
});

test('names the part and the field that is wrong', async () => {
  const url = await start(onePixel);
  expect(await problem(await post(`${url}/v1/sums/x`, '{"by":2}'))).toMatchObject({
    status: 400,
    code: 'bad-request',
    message: expect.stringContaining('path is wrong: base') as string,
  });
  expect(await problem(await post(`${url}/v1/sums/1`, '{"by":"2"}'))).toMatchObject({
    status: 400,
    message: expect.stringContaining('body is wrong: by') as string,
  });
});

test('refuses broken JSON, another media type and a body over the limit', async () => {
  const url = await start(onePixel);
  expect(await problem(await post(`${url}/v1/sums/1`, '{'))).toMatchObject({ status: 400 });
  expect(await problem(await post(`${url}/v1/sums/1`, 'by=1', 'text/plain'))).toMatchObject({
    status: 400,
    message: 'Send the body as application/json.',
  });
  const large = JSON.stringify({ by: 1, pad: 'x'.repeat(200) });
  expect(await problem(await post(`${url}/v1/sums/1`, large))).toMatchObject({
    status: 413,
    code: 'body-too-large',
  });
  expect(faults).toEqual([]);
});

test('answers bytes with their media type, and an unknown path with not-found', async () => {
  const url = await start(onePixel);
  const response = await fetch(`${url}/v1/picture`);
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 3));
  expect(await problem(await fetch(`${url}/v1/nothing`))).toMatchObject({ status: 404 });
});

test('tells a fault of the program apart from an error of ours, and leaks nothing', async () => {
  const url = await start(() => {
    throw new Error('password=hunter2');
  });
  const told = await problem(await fetch(`${url}/v1/picture`));
  expect(told).toMatchObject({ status: 500, code: 'internal' });
  expect(JSON.stringify(told)).not.toContain('hunter2');
  expect(faults).toHaveLength(1);
});

test('maps an error thrown by a handler to its own status', async () => {
  const url = await start(() => {
    throw new FoyerError('hold-expired', 'The hold ended at 19:40.');
  });
  expect(await problem(await fetch(`${url}/v1/picture`))).toMatchObject({
    status: 410,
    message: 'The hold ended at 19:40.',
  });
});
