import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { Luminance } from '../domain/luminance.ts';
import { drawCode } from '../testing/code-picture.ts';
import { bundleWorker } from '../testing/worker-bundle.ts';
import type { WorkerBundle } from '../testing/worker-bundle.ts';
import { DecoderPool } from './decoder-pool.ts';
import type { PoolOptions } from './decoder-pool.ts';

const text = 'F1:HELLO GATE';

// A worker whose pictures are orders: 13 wide kills it, 17 wide hangs it, others wait for a go.
const puppet = `
import { parentPort, threadId } from 'node:worker_threads';
const decoded = { texts: [], decodeMs: 0, passes: [] };
parentPort.on('message', ({ picture }) => {
  if (picture.width === 13) process.exit(1);
  if (picture.width === 17) for (;;);
  const answer = { ...decoded, texts: [String(picture.width)] };
  setTimeout(() => parentPort.postMessage({ kind: 'decoded', decoded: answer, threadId }), 30);
});
parentPort.postMessage({ kind: 'ready' });
`;

const order = (width: number): Luminance => ({
  data: new Uint8Array(width),
  width,
  height: 1,
});

let bundle: WorkerBundle;
let puppetUrl: URL;
const pools: DecoderPool[] = [];

async function startPool(options: Partial<PoolOptions>): Promise<DecoderPool> {
  const pool = await DecoderPool.start({
    workerUrl: puppetUrl,
    workers: 1,
    capacity: 2,
    ...options,
  });
  pools.push(pool);
  return pool;
}

beforeAll(async () => {
  bundle = await bundleWorker();
  const file = join(bundle.directory, 'puppet.mjs');
  await writeFile(file, puppet);
  puppetUrl = pathToFileURL(file);
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

afterAll(() => bundle.remove());

describe('DecoderPool', () => {
  it('decodes in another thread than the one that asks', async () => {
    const pool = await startPool({ workerUrl: bundle.workerUrl });
    const result = await pool.decode(await drawCode(text), 'single');
    expect(result.texts).toEqual([text]);
    expect(result.threadId).not.toBe(threadId);
  });

  it('leaves the asking thread free while a worker is busy for good', async () => {
    const pool = await startPool({ timeoutMs: 200 });
    const hung = pool.decode(order(17), 'single').catch((error: unknown) => error);
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 5);
    await hung;
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
  });

  it("decodes the newest of a camera's frames and drops the older ones that wait", async () => {
    const pool = await startPool({});
    const frames = [1, 2, 3, 4, 5].map((width) => pool.decodeNewest(order(width), 'left'));
    const results = await Promise.all(frames);
    expect(results.map((result) => result?.texts[0])).toEqual([
      '1',
      undefined,
      undefined,
      undefined,
      '5',
    ]);
    expect(pool.counts.dropped).toBe(3);
  });

  it('refuses what somebody waits for when too many wait, and decodes what it took', async () => {
    const pool = await startPool({});
    const asked = [1, 2, 3, 4].map((width) => pool.decode(order(width), 'single'));
    const results = await Promise.allSettled(asked);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    expect(results[3]).toMatchObject({ reason: { code: 'queue-full' } });
  });
});

describe('DecoderPool, when a worker fails,', () => {
  it('gives up the picture that kills a worker and goes on with a new one', async () => {
    const pool = await startPool({});
    const killer = pool.decode(order(13), 'single');
    const next = pool.decode(order(5), 'single');
    await expect(killer).rejects.toMatchObject({ code: 'image-unreadable' });
    await expect(next).resolves.toMatchObject({ texts: ['5'] });
    expect(pool.counts.workersLost).toBe(1);
  });

  it('replaces a worker that hangs on a picture', async () => {
    const pool = await startPool({ timeoutMs: 100 });
    await expect(pool.decode(order(17), 'single')).rejects.toMatchObject({
      code: 'image-unreadable',
    });
    await expect(pool.decode(order(5), 'single')).resolves.toMatchObject({ texts: ['5'] });
  });

  it('says so when no worker starts, instead of trying for ever', async () => {
    const workerUrl = pathToFileURL(join(bundle.directory, 'missing.mjs'));
    await expect(DecoderPool.start({ workerUrl, workers: 2, capacity: 2 })).rejects.toMatchObject({
      code: 'dependency-missing',
    });
  });

  it('ends what waits when it is closed, twice without harm', async () => {
    const pool = await startPool({});
    const waiting = [pool.decodeNewest(order(1), 'a'), pool.decodeNewest(order(2), 'b')];
    await Promise.all([pool.close(), pool.close()]);
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });
});
