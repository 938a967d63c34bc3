import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeTempDir, removeTempDir, waitFor } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { campaignRow, testFile, testProgramme } from '../testing/house.ts';
import type { TestFile } from '../testing/house.ts';
import { MediaServer } from '../testing/media-server.ts';
import type { MediaFault } from '../testing/media-server.ts';
import { Stand } from '../testing/stand.ts';
import { download } from './download.ts';
import { MediaStore } from './media-store.ts';

let stand: Stand;

beforeEach(async () => {
  stand = await Stand.start();
});

afterEach(async () => {
  await stand.close();
});

const film = testFile('film', 400_000);
const poster = testFile('poster', 9_000);

/** Waits until the player gives its pages this programme. */
async function plays(programme: ReturnType<typeof testProgramme>): Promise<void> {
  await waitFor('the programme to play', () => isPlaying(programme), 20_000);
}

async function isPlaying({ hash }: ReturnType<typeof testProgramme>): Promise<boolean> {
  return (await shown()).includes(`"programmeHash":"${hash}"`);
}

async function shown(): Promise<string> {
  const response = await fetch(`${stand.url}/v1/screens`);
  return response.text();
}

const served = (file: TestFile, init: RequestInit = {}): Promise<Response> =>
  fetch(`${stand.url}/media/${file.sha256}`, init);

async function isServedWhole(file: TestFile): Promise<boolean> {
  const response = await served(file);
  return response.ok && Buffer.from(await response.arrayBuffer()).equals(file.bytes);
}

const shelf = (file: TestFile): string =>
  join(stand.dataDir, 'media', file.sha256.slice(0, 2), file.sha256);

async function playing(...files: TestFile[]): Promise<void> {
  stand.media.add(...files);
  const programme = testProgramme(files);
  stand.agent.programme = programme;
  await stand.startPlayer();
  await plays(programme);
}

test('a download that was cut goes on where it was', async () => {
  stand.media.faults.push('cut');
  await playing(film);
  expect(stand.media.asked.map(({ range }) => range)).toEqual([
    null,
    expect.stringMatching(/^bytes=[1-9]\d*-$/) as string,
  ]);
  expect(await isServedWhole(film)).toBe(true);
});

const faults: [string, MediaFault[], number][] = [
  ['wrong bytes are dropped and fetched again from the start', ['wrong-bytes'], 2],
  ['a server that ignores the range is taken from the start', ['cut', 'ignore-range'], 2],
  ['more bytes than the file has are dropped', ['too-long'], 2],
  ['a server that falls silent is left', ['stall'], 2],
  ['an error is tried again', ['error', 'error'], 3],
];

test.each(faults)('%s', async (_name, list, requests) => {
  stand.media.faults.push(...list);
  await playing(film);
  expect(stand.media.asked).toHaveLength(requests);
  expect(await isServedWhole(film)).toBe(true);
});

test('a mirror is asked when the first server does not have the file', async () => {
  const mirror = await MediaServer.start();
  try {
    mirror.add(film);
    const programme = testProgramme([film]);
    stand.agent.programme = programme;
    await stand.startPlayer({ mediaUrls: [stand.media.url, mirror.url] });
    await plays(programme);
    expect(stand.media.asked).toHaveLength(1);
    expect(mirror.asked).toHaveLength(1);
  } finally {
    await mirror.close();
  }
});

test('the old programme plays on until the last file of the new one is here', async () => {
  await playing(poster);
  const page = await stand.page();
  const next = testProgramme([poster, film]);
  stand.agent.offer(next);
  await waitFor('a fault of the missing file', () =>
    (stand.agent.report('lobby-1')?.faults ?? []).some(({ code }) => code === 'media-missing'),
  );
  const { programmeHash, fetchingHash, cache } = stand.agent.report('lobby-1') ?? {};
  expect(fetchingHash).toBe(next.hash);
  expect(programmeHash).not.toBe(next.hash);
  expect(cache?.missing).toBe(1);
  expect(page.programmes.map(({ programme }) => programme.hash)).not.toContain(next.hash);
  stand.media.add(film);
  await waitFor('the new one', () => page.programmes.at(-1)?.programme.hash === next.hash, 20_000);
});

test('a player killed between the last byte and the rename asks nobody again', async () => {
  const media = join(stand.dataDir, 'media');
  mkdirSync(media, { recursive: true });
  writeFileSync(join(media, `${film.sha256}.part`), film.bytes);
  stand.agent.programme = testProgramme([film]);
  await stand.startPlayer();
  await plays(stand.agent.programme);
  expect(stand.media.asked).toEqual([]);
  expect(await isServedWhole(film)).toBe(true);
});

test('what was begun for a programme that never came is dropped in the end', async () => {
  await playing(poster);
  stand.media.faults.push('cut', 'error', 'error', 'error');
  stand.media.add(film);
  stand.agent.offer(testProgramme([poster, film]));
  const part = join(stand.dataDir, 'media', `${film.sha256}.part`);
  await waitFor('the part', () => existsSync(part));
  const other = testProgramme([poster], { items: [] });
  stand.agent.offer(other);
  await plays(other);
  await waitFor('the part to be gone', () => !existsSync(part));
});

test('a part that holds something else is found out before it is served', async () => {
  const media = join(stand.dataDir, 'media');
  mkdirSync(media, { recursive: true });
  writeFileSync(join(media, `${film.sha256}.part`), Buffer.alloc(film.bytes.length, 1));
  await playing(film);
  expect(await isServedWhole(film)).toBe(true);
  expect(stand.media.asked).toHaveLength(1);
});

test('a file that lost its end in a power cut is fetched again after the start', async () => {
  await playing(film, poster);
  await stand.stopPlayer();
  truncateSync(shelf(film), 1000);
  await stand.startPlayer({ store: { rehashBytesPerS: 0 } });
  expect(await shown()).toContain(stand.agent.programme?.hash);
  await waitFor('the file', () => isServedWhole(film));
  expect(readdirSync(join(stand.dataDir, 'aside'))).toEqual([film.sha256]);
});

test('a file that rots on the disk is found by hashing it anew, and fetched again', async () => {
  await playing(film, poster);
  const page = await stand.page();
  await waitFor('the programme', () => page.programmes.length > 0);
  writeFileSync(shelf(poster), Buffer.alloc(poster.bytes.length, 3));
  await waitFor('the page to lose it', () =>
    page.programmes.some(({ ready }) => !ready.includes(poster.sha256)),
  );
  await waitFor('the page to get it back', () =>
    Boolean(page.programmes.at(-1)?.ready.includes(poster.sha256)),
  );
  expect(await isServedWhole(poster)).toBe(true);
});

test('a file that a page cannot play is hashed at once; a sound one stays', async () => {
  await playing(film, poster);
  await stand.stopPlayer();
  await stand.startPlayer({ store: { rehashBytesPerS: 0 } });
  const page = await stand.page();
  writeFileSync(shelf(poster), Buffer.alloc(poster.bytes.length, 3));
  const fault = { code: 'media-unplayable', atMs: 1 };
  await page.pulse({
    faults: [
      { ...fault, object: poster.sha256 },
      { ...fault, object: film.sha256 },
    ],
  });
  await waitFor('the damaged one to be replaced', () => isServedWhole(poster));
  expect(stand.media.asked.filter(({ sha256 }) => sha256 === film.sha256)).toHaveLength(1);
});

test('only hashes of the store are served, with ranges, for good', async () => {
  await playing(film);
  const part = await served(film, { headers: { range: 'bytes=10-19' } });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe(`bytes 10-19/${film.bytes.length}`);
  expect(part.headers.get('cache-control')).toContain('immutable');
  expect(part.headers.get('content-type')).toBe('image/webp');
  expect(Buffer.from(await part.arrayBuffer()).equals(film.bytes.subarray(10, 20))).toBe(true);
  expect((await served(poster)).status).toBe(404);
  for (const path of ['..%2f..%2fstate%2fprogramme.json', `${film.sha256}.part`, '%00']) {
    expect([400, 404]).toContain((await fetch(`${stand.url}/media/${path}`)).status);
  }
});

test('room is made with what was scheduled longest ago, never with what plays', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => testFile(name, 400_000));
  if (a === undefined || b === undefined || c === undefined) throw new Error('No files.');
  stand.media.add(a, b, c);
  const first = testProgramme([a]);
  stand.agent.programme = first;
  await stand.startPlayer({ store: { maxBytes: 1_000_000 } });
  await plays(first);
  for (const file of [b, c]) {
    const next = testProgramme([file]);
    stand.agent.offer(next);
    await plays(next);
  }
  expect((await served(a)).status).toBe(404);
  expect(await isServedWhole(b)).toBe(true);
  expect(await isServedWhole(c)).toBe(true);
  // Both cannot be held: the one that plays stays, and the box says so.
  stand.agent.offer(testProgramme([a, b, c]));
  await waitFor('the fault', () =>
    (stand.agent.report('lobby-1')?.faults ?? []).some(({ code }) => code === 'store-full'),
  );
  expect(await isServedWhole(c)).toBe(true);
});

/** A download that nobody asked about room first, as when another program fills the disk. */
async function directly({ media, dataDir }: Stand, file: TestFile): Promise<void> {
  const store = await MediaStore.open(dataDir);
  const part = await store.openPart(file.sha256);
  try {
    const { signal } = new AbortController();
    const url = `${media.url}/v1/media/${file.sha256}`;
    await download({ url, part, sizeBytes: file.bytes.length, stallMs: 1000, signal });
  } finally {
    await part.close();
    await store.dropPart(file.sha256);
  }
}

test('a box whose first programme does not fit says so and leaves the disk to others', async () => {
  stand.media.add(poster);
  stand.agent.programme = testProgramme([poster]);
  await stand.startPlayer({ store: { minFreeBytes: 1e15 } });
  await waitFor('the fault', () =>
    (stand.agent.report('lobby-1')?.faults ?? []).some(({ code }) => code === 'store-full'),
  );
  expect(stand.agent.report('lobby-1')).toMatchObject({
    programmeHash: null,
    fetchingHash: stand.agent.programme.hash,
  });
  expect((await served(poster)).status).toBe(404);
});

test('a full disk leaves the old programme on, and room lets the new one in', async (context) => {
  const disk = makeTempDir('full-disk');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    removeTempDir(disk);
    context.skip('a small disk of its own takes the right to mount one');
  }
  const full = await Stand.start(join(disk, 'data'));
  const other = stand;
  stand = full;
  try {
    await playing(poster);
    const big = testFile('big', 700_000);
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(600_000));
    full.media.add(big);
    await expect(directly(full, big)).rejects.toMatchObject({ failure: 'full' });
    const next = testProgramme([big], { campaigns: [campaignRow('big', ['item-0'])] });
    full.agent.offer(next);
    await waitFor('the fault', () =>
      (full.agent.report('lobby-1')?.faults ?? []).some(({ code }) => code === 'store-full'),
    );
    expect(await isServedWhole(poster)).toBe(true);
    expect(await isPlaying(next)).toBe(false);
    truncateSync(ballast, 0);
    await plays(next);
    expect(await isServedWhole(big)).toBe(true);
  } finally {
    stand = other;
    await full.close();
    execFileSync('umount', [disk]);
    removeTempDir(disk);
  }
});
