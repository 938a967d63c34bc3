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

const silentMs = 1500;

interface Wishes {
  ms?: number;
  guided?: boolean;
  stopAtFirst?: boolean;
  known?: string[];
}

function fuzz(target: string, more: Wishes = {}) {
  const { ms = 500, guided = true, stopAtFirst = false, known = [] } = more;
  return fuzzTarget({
    target,
    seed: 1,
    untilMs: performance.now() + ms,
    guided,
    stopAtFirst,
    known: known.map((text) => Buffer.from(text)),
    workerFile: bundle.file,
    outDir: join(bundle.dir, 'found'),
    homeDir: bundle.dir,
    silentMs,
    minimiseMs: 700,
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

// How long a worker takes to start is the machine's: what must be met in time is among the seeds.
const trouble = { known: ['a lot of words {{ and more'] };

test('an exception that is no answer is a crash, and is kept in its smallest form', async () => {
  const result = await fuzz('throws', trouble);
  expect(result).toMatchObject({ crashes: 1, hangs: 0 });
  const { text, again, finding } = await replayed('throws', result);
  expect(text).toContain('{{');
  expect(text.length).toBeLessThan(trouble.known[0]?.length ?? 0);
  expect(again).toMatchObject({ kind: 'crash', signature: finding?.signature });
});

test('an input that never ends is a hang, and the worker is ended from outside', async () => {
  const result = await fuzz('hangs', trouble);
  expect(result).toMatchObject({ crashes: 0, hangs: 1 });
  expect((await replayed('hangs', result)).again.kind).toBe('hang');
}, 180_000);

test.each(['dies', 'rejects', 'hoards'])('a worker that %s is a crash', async (target) => {
  const result = await fuzz(target, trouble);
  expect(result).toMatchObject({ crashes: 1, hangs: 0 });
  const { text, again } = await replayed(target, result);
  expect(text).toContain('{{');
  expect(again.kind).toBe('crash');
});

test('the memory of a large runner is not its workers’: no input is blamed for it', async () => {
  const large = Buffer.alloc(300 * 1_048_576, 1);
  expect(await fuzz('sound')).toMatchObject({ crashes: 0, hangs: 0, found: [] });
  const result = await fuzz('hoards', trouble);
  expect((await replayed('hoards', result)).text).toContain('{{');
  expect(large.at(-1)).toBe(1);
});

test('a parser that refuses everything with an error of ours is sound', async () => {
  const result = await fuzz('sound');
  expect(result).toMatchObject({ crashes: 0, hangs: 0, found: [] });
  expect(result.inputs).toBeGreaterThan(0);
});

test('coverage leads through a maze that chance does not find the end of', async () => {
  const guided = await fuzz('maze', { ms: 120_000, stopAtFirst: true });
  expect(guided).toMatchObject({ crashes: 1 });
  expect(guided.corpus).toBeGreaterThan(3);
  const blind = await fuzz('maze', { guided: false });
  expect(blind).toMatchObject({ crashes: 0 });
  expect(blind.edges).toBeLessThan(guided.edges);
}, 180_000);
