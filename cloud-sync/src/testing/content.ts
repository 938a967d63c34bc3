import {
  catalogueOperations,
  contentOperations,
  plainCampaign,
  plainItem,
  plainScreen,
  type Campaign,
  type Item,
  type Screen,
} from '@foyer/contracts';
import { sha256Hex } from '@foyer/platform/node';
import sharp from 'sharp';

import { apiKey, call, gateNode, theatreNo, theatreNode, type TestCloud } from './cloud.ts';

/** A screen of the box screen-1. */
export const screen = (screenId: string, more: Partial<Screen> = {}): Screen => ({
  ...plainScreen,
  screenId,
  name: screenId,
  kind: 'lobby',
  nodeId: 'screen-1',
  ...more,
});

export const item = (itemId: string, content: Item['content']): Item => ({
  ...plainItem,
  itemId,
  name: itemId,
  content,
  durationMs: 8000,
});

export const board = (itemId: string): Item => item(itemId, { kind: 'board', board: 'showtimes' });

export const campaign = (campaignId: string, more: Partial<Campaign> = {}): Campaign => ({
  ...plainCampaign,
  campaignId,
  name: campaignId,
  items: ['times'],
  ...more,
});

/** The nodes of the test theatre, with a box that drives screens. */
export async function putBox({ cloud }: TestCloud): Promise<void> {
  const box = { ...gateNode('screen-1'), role: 'screen' };
  const nodes = [theatreNode, gateNode('gate-1'), gateNode('gate-2'), box];
  await call(cloud, catalogueOperations.putNodes, { params: { theatreNo }, body: { nodes } });
}

export const putScreens = ({ cloud }: TestCloud, screens: readonly Screen[]) =>
  call(cloud, contentOperations.putScreens, { params: { theatreNo }, body: { screens } });

export const putItem = ({ cloud }: TestCloud, row: Item) =>
  call(cloud, contentOperations.putItem, {
    params: { theatreNo, itemId: row.itemId },
    body: row,
  });

export const putCampaign = ({ cloud }: TestCloud, row: Campaign) =>
  call(cloud, contentOperations.putCampaign, {
    params: { theatreNo, campaignId: row.campaignId },
    body: row,
  });

export const contentOf = ({ cloud }: TestCloud) =>
  call(cloud, contentOperations.content, { params: { theatreNo } });

/** A picture whose left half is dark and whose right half is light. */
export function picture(widthPx: number, heightPx: number): Promise<Buffer> {
  const half = Math.floor(widthPx / 2);
  const light = { create: { width: half, height: heightPx, channels: 3, background: '#e0e0e0' } };
  return sharp({
    create: { width: widthPx, height: heightPx, channels: 3, background: '#101010' },
  })
    .composite([{ input: light as never, left: widthPx - half, top: 0 }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Uploads bytes, under their own hash unless another is given. */
export async function upload({ cloud }: TestCloud, bytes: Uint8Array | string, sha256?: string) {
  const named = sha256 ?? sha256Hex(bytes);
  const url = `${cloud.url}/v1/theatres/${theatreNo}/media/${named}?name=A%20file`;
  const response = await fetch(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/octet-stream' },
    body: typeof bytes === 'string' ? bytes : Buffer.from(bytes),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body, sha256: named };
}
