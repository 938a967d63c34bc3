import { createHash } from 'node:crypto';

import type { Campaign, Item, Media, Programme, Screen } from '@foyer/contracts';

import { campaignOf, itemOf, screenOf } from '../domain/schedule/testing/house.ts';

/** A file that a test serves. */
export interface TestFile {
  readonly sha256: string;
  readonly bytes: Buffer;
}

/** Bytes that are the same at each run, and other ones for each name. */
export function testFile(name: string, sizeBytes = 5000): TestFile {
  const block = createHash('sha256').update(name).digest();
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 1) bytes[at] = (block[at % 32] ?? 0) ^ (at >> 5);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes };
}

export const mediaRow = ({ sha256, bytes }: TestFile): Media => ({
  sha256,
  name: sha256.slice(0, 8),
  kind: 'image',
  mime: 'image/webp',
  sizeBytes: bytes.length,
  widthPx: 1920,
  heightPx: 1080,
  durationMs: null,
  thumbprint: null,
  renditions: [],
});

export const screenRow = (screenId: string, nodeId = 'screen-1'): Screen =>
  screenOf(screenId, { name: `The ${screenId}`, nodeId });

export const itemRow = (itemId: string, sha256: string): Item =>
  itemOf(itemId, { content: { kind: 'media', sha256 } });

export const campaignRow = (
  campaignId: string,
  items: string[],
  change: Partial<Campaign> = {},
): Campaign => campaignOf(campaignId, { items, ...change });

/** A programme of pictures, one item each, in one campaign for every screen. */
export function testProgramme(
  files: readonly TestFile[],
  change: Partial<Programme> = {},
): Programme {
  const items = files.map((file, index) => itemRow(`item-${index}`, file.sha256));
  const rows = {
    theatre: {
      theatreNo: 1,
      name: 'Roxy',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      doorsOpenBeforeMin: 30,
      doorsCloseAfterMin: 30,
      staleAfterMin: 60,
      classes: {},
    },
    signage: {
      theatreNo: 1,
      brand: { name: 'Roxy', ground: '#101018', accent: '#e9b96a' },
      featureAfterStartMin: 15,
      lastCallBeforeFeatureMin: 5,
      cleaningMin: 15,
    },
    screens: [screenRow('lobby-1'), screenRow('door-3'), screenRow('far-1', 'screen-2')],
    auditoriums: [],
    films: [],
    shows: [],
    media: files.map(mediaRow),
    items,
    campaigns:
      items.length === 0
        ? []
        : [
            campaignRow(
              'loop',
              items.map(({ itemId }) => itemId),
            ),
          ],
    ...change,
  };
  const hash = createHash('sha256').update(JSON.stringify(rows)).digest('hex');
  return { hash, ...rows };
}
