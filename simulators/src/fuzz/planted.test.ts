import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { Probe } from './probe.ts';
import { fuzzTarget, type TargetResult } from './run-target.ts';
import { bundlePlanted } from './testing/worker-bundle.ts';

let bundle: Awaited<ReturnType<typeof bundlePlanted>>;

beforeAll(async () => {
  bundle = await bundlePlanted();
});

afterAll(() => bundle.remove());

const silentMs = 3000;

function fuzz(target: string, more: { ms?: number; guided?: boolean; known?: string[] } = {}) {
  const { ms = 1500, guided = true, known = [] } = more;
  return fuzzTarget({
    target,
    seed: 1,
    untilMs: performance.now() + ms,
    guided,
    known: known.map((text) => Buffer.from(text)),
    workerFile: bundle.file,
    outDir: join(bundle.dir, 'found'),
    homeDir: bundle.dir,
    silentMs,
    onProgress: () => {},
  });
}

/** The one finding, replayed from its file as its command would. */
async function replayed(target: string, { found }: TargetResult) {
  expect(found).toHaveLength(1);
  const [finding] = found;
  expect(finding?.replay).toContain(`--target ${target} --input found/`);
  const input = readFileSync(join(bundle.dir, finding?.files[0] ?? ''));
  const probe = new Probe(bundle.file, target, silentMs);
  try {
    return { finding, text: input.toString(), again: await probe.try([input]) };
  } finally {
    await probe.close();
  }
}

// The worker must be heard to die, so each of these is told the input that it dies of.
const trouble = { known: ['a lot of words {{ and more'] };

test('an exception that is no answer is a crash, and is kept in its smallest form', async () => {
  const result = await fuzz('throws');
  expect(result).toMatchObject({ crashes: 1, hangs: 0 });
  const { text, again, finding } = await replayed('throws', result);
  expect(text).toBe('{{');
  expect(again).toMatchObject({ kind: 'crash', signature: finding?.signature });
});

test('an input that never ends is a hang, and the worker is ended from outside', async () => {
  const result = await fuzz('hangs', { ...trouble, ms: 500 });
  expect(result).toMatchObject({ crashes: 0, hangs: 1 });
  expect((await replayed('hangs', result)).again.kind).toBe('hang');
}, 180_000);

test.each(['dies', 'rejects', 'hoards'])('a worker that %s is a crash', async (target) => {
  const result = await fuzz(target, { ...trouble, ms: 500 });
  expect(result).toMatchObject({ crashes: 1, hangs: 0 });
  const { text, again } = await replayed(target, result);
  expect(text).toContain('{{');
  expect(again.kind).toBe('crash');
});

test('a parser that refuses everything with an error of ours is sound', async () => {
  const result = await fuzz('sound', { ms: 300 });
  expect(result).toMatchObject({ crashes: 0, hangs: 0, found: [] });
  expect(result.inputs).toBeGreaterThan(0);
});

test('coverage leads through a maze that chance does not find the end of', async () => {
  const guided = await fuzz('maze', { ms: 20_000 });
  expect(guided).toMatchObject({ crashes: 1 });
  expect(guided.corpus).toBeGreaterThan(4);
  const blind = await fuzz('maze', { ms: 1500, guided: false });
  expect(blind).toMatchObject({ crashes: 0 });
  expect(blind.edges).toBeLessThan(guided.edges);
});
