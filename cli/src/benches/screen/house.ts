import { createHash } from 'node:crypto';
import { join } from 'node:path';

import type { Item, Media, Programme } from '@foyer/contracts';
import { bundleFile } from '@foyer/platform/home';
import { FakeAgent, MediaServer } from '@foyer/signage-player/testing';
import {
  Program,
  launchChromium,
  makePicture,
  makeProgramme,
  makeTestFilm,
  makeWorld,
  mediaRow,
} from '@foyer/simulators';
import type { Chromium } from '@foyer/simulators';

/** Frames a second of the films. */
export const framesPerS = 30;
/** Length of the films that follow one another. */
const filmS = 3;

export const widthPx = 1280;
export const heightPx = 720;

type BenchItem = Partial<Item> & Pick<Item, 'itemId' | 'content'>;

interface Files {
  readonly rows: readonly Media[];
  readonly bytes: readonly Buffer[];
}

async function makeFiles(dir: string): Promise<Files> {
  const size = { widthPx, heightPx };
  const [width, rate] = [`${widthPx}x${heightPx}`, framesPerS];
  const sources = [
    `testsrc2=size=${width}:rate=${rate}`,
    `testsrc=size=${width}:rate=${rate}`,
    `mandelbrot=size=${width}:rate=${rate}`,
  ];
  const rows: Media[] = [];
  const bytes: Buffer[] = [];
  const add = (data: Buffer, more: Partial<Media>): void => {
    const sha256 = createHash('sha256').update(data).digest('hex');
    rows.push(mediaRow(sha256, data.length, { widthPx, heightPx, ...more }));
    bytes.push(data);
  };
  for (const [index, source] of sources.entries()) {
    const film = { ...size, seconds: filmS, framesPerS, source };
    const data = await makeTestFilm(dir, `film-${index}`, film);
    add(data, { kind: 'video', mime: 'video/webm', durationMs: filmS * 1000 });
  }
  for (const hue of [20, 140, 260]) {
    add(await makePicture(hue, widthPx, heightPx), { kind: 'image', mime: 'image/png' });
  }
  return { rows, bytes };
}

const fileOf = (sha256: string, bytes: Buffer | undefined) => ({
  sha256,
  bytes: bytes ?? Buffer.alloc(0),
});

const everywhere = { kinds: [], groups: [], tags: [] };

/** Three screens: films and boards in a loop; one queue board; many short items. */
function programmeOf(files: Files, nowMs: number): Programme {
  const world = makeWorld({ seed: 1, nowMs, gates: 4 });
  const item = (row: Media, index: number, prefix: string, durationMs: number): BenchItem => ({
    itemId: `${prefix}-${index}`,
    content: { kind: 'media', sha256: row.sha256 },
    durationMs,
  });
  const board = (name: 'showtimes' | 'queue', id: string, durationMs: number): BenchItem => ({
    itemId: id,
    content: { kind: 'board', board: name },
    durationMs,
  });
  const loop = [
    ...files.rows.map((row, index) => item(row, index, 'loop', row.kind === 'video' ? 3000 : 2000)),
    board('showtimes', 'loop-board', 2000),
  ];
  const short = [
    ...files.rows.map((row, index) => item(row, index, 'short', 1000)),
    board('showtimes', 'short-board', 1000),
  ];
  const queue = [board('queue', 'queue-board', 60_000)];
  const campaign = (screenId: string, items: readonly BenchItem[]) => ({
    campaignId: screenId,
    items: items.map(({ itemId }) => itemId),
    target: { ...everywhere, screens: [screenId] },
  });
  return makeProgramme({
    screens: ['loop-1', 'queue-1', 'short-1'].map((screenId) => ({ screenId, widthPx, heightPx })),
    items: [...loop, ...short, ...queue],
    media: files.rows,
    campaigns: [campaign('loop-1', loop), campaign('short-1', short), campaign('queue-1', queue)],
    films: [...world.films],
    shows: world.shows.map(({ show: { filmId, auditorium, startsAtMs } }) => ({
      filmId,
      auditorium,
      startsAtMs,
    })),
  });
}

/** A display box: the real player program, an agent that stands in, and Chromium. */
export class BenchHouse {
  readonly agent = new FakeAgent();
  readonly chromium: Chromium;
  readonly filmBytes: Buffer;
  readonly #player: Program;
  readonly #dir: string;
  readonly #media: MediaServer;
  readonly #mediaUrl: string;
  #port = 0;

  private constructor(dir: string, chromium: Chromium, media: MediaServer, filmBytes: Buffer) {
    this.#dir = dir;
    this.chromium = chromium;
    this.#media = media;
    this.#mediaUrl = media.url;
    this.filmBytes = filmBytes;
    this.#player = new Program({ name: 'player', file: bundleFile('player'), dir });
  }

  static async open(dir: string): Promise<BenchHouse> {
    const files = await makeFiles(dir);
    const chromium = await launchChromium();
    const media = await MediaServer.start();
    media.add(...files.rows.map(({ sha256 }, index) => fileOf(sha256, files.bytes[index])));
    const house = new BenchHouse(dir, chromium, media, files.bytes[0] ?? Buffer.alloc(0));
    await house.agent.start();
    house.agent.programme = programmeOf(files, Date.now());
    return house;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async startPlayer(): Promise<void> {
    const ready = await this.#player.start({
      agentUrl: this.agent.url,
      mediaUrls: [this.#mediaUrl],
      dataDir: join(this.#dir, 'player'),
      listen: { host: '127.0.0.1', port: this.#port },
    });
    this.#port = ready.port ?? 0;
  }

  stopPlayer(): Promise<void> {
    return this.#player.stop();
  }

  /** From now on there is nothing beyond this box. */
  async goOffline(): Promise<void> {
    await this.#media.close();
  }

  async close(): Promise<void> {
    await this.chromium.close();
    await this.stopPlayer().catch(() => undefined);
    await this.agent.stop();
    await this.#media.close().catch(() => undefined);
  }
}
