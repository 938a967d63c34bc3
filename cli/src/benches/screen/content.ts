import { createHash } from 'node:crypto';

import { contentOperations, plainCampaign, plainItem, plainScreen } from '@foyer/contracts';
import type { Item, Screen } from '@foyer/contracts';
import { makePicture, makeTestFilm, theatreNo } from '@foyer/simulators';
import type { BookingClient } from '@foyer/simulators';

/** Frames a second of the films. */
export const framesPerS = 30;
/** Length of the films that follow one another. */
const filmS = 3;

export const widthPx = 1280;
export const heightPx = 720;

/** A film in a loop with pictures and a board; one queue board; many short items. */
export type BenchScreen = 'loop-1' | 'queue-1' | 'short-1';

/** The files of the bench, films first. */
export interface BenchFiles {
  readonly films: readonly Buffer[];
  readonly pictures: readonly Buffer[];
}

export async function makeFiles(dir: string): Promise<BenchFiles> {
  const size = `size=${widthPx}x${heightPx}:rate=${framesPerS}`;
  const films: Buffer[] = [];
  for (const source of ['testsrc2', 'testsrc', 'mandelbrot']) {
    const plan = { widthPx, heightPx, seconds: filmS, framesPerS, source: `${source}=${size}` };
    films.push(await makeTestFilm(dir, source, plan));
  }
  const hues = [20, 140, 260];
  const pictures = await Promise.all(hues.map((hue) => makePicture(hue, widthPx, heightPx)));
  return { films, pictures };
}

const screen = (screenId: BenchScreen): Screen => ({
  ...plainScreen,
  screenId,
  name: screenId,
  kind: 'poster',
  nodeId: 'screen-1',
  widthPx,
  heightPx,
});

const item = (itemId: string, content: Item['content'], durationMs: number): Item => ({
  ...plainItem,
  itemId,
  name: itemId,
  content,
  durationMs,
});

const nameOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const mediaOf = (bytes: Buffer): Item['content'] => ({ kind: 'media', sha256: nameOf(bytes) });
const board = (name: 'showtimes' | 'queue'): Item['content'] => ({ kind: 'board', board: name });

/** What each screen plays. Films follow films, so that there are joints of them to measure. */
function itemsOf({ films, pictures }: BenchFiles): Record<BenchScreen, Item[]> {
  const twice = [...films, ...films];
  return {
    'loop-1': [
      ...twice.map((film, no) => item(`loop-film-${no}`, mediaOf(film), filmS * 1000)),
      ...pictures.map((picture, no) => item(`loop-picture-${no}`, mediaOf(picture), 2000)),
      item('loop-board', board('showtimes'), 2000),
    ],
    'short-1': [
      ...[...films, ...pictures].map((file, no) => item(`short-${no}`, mediaOf(file), 1000)),
      item('short-board', board('showtimes'), 1000),
    ],
    'queue-1': [item('queue-board', board('queue'), 60_000)],
  };
}

/** Puts screens, files, items and campaigns into the cloud, beside those of the seeded theatre. */
export async function fillCloud(client: BookingClient, files: BenchFiles): Promise<void> {
  const put = contentOperations;
  const params = { theatreNo };
  const items = itemsOf(files);
  const screenIds = Object.keys(items) as BenchScreen[];
  const { screens } = await client.call(put.content, { params });
  await client.call(put.putScreens, {
    params,
    body: { screens: [...screens, ...screenIds.map((screenId) => screen(screenId))] },
  });
  for (const bytes of [...files.films, ...files.pictures]) {
    const sha256 = nameOf(bytes);
    const query = { name: sha256.slice(0, 8) };
    await client.call(put.putMedia, { params: { theatreNo, sha256 }, query, bytes });
  }
  for (const screenId of screenIds) {
    for (const body of items[screenId]) {
      await client.call(put.putItem, { params: { theatreNo, itemId: body.itemId }, body });
    }
    const body = {
      ...plainCampaign,
      campaignId: screenId,
      name: screenId,
      priority: 100,
      items: items[screenId].map(({ itemId }) => itemId),
      target: { ...plainCampaign.target, screens: [screenId] },
    };
    await client.call(put.putCampaign, { params: { theatreNo, campaignId: screenId }, body });
  }
}
