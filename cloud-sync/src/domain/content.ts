import {
  boardItemDataSchemas,
  FoyerError,
  type Board,
  type Campaign,
  type Item,
  type Media,
  type Screen,
} from '@foyer/contracts';

import type { FeedChange } from './feed-rows.ts';

/**
 * Bytes of a row's encoding. The smallest link carries 5,000 bytes a message from the cloud; what
 * is around a row takes the rest.
 */
const maxRowBytes = 4500;
/** Characters of what a board is told, as JSON. */
const maxDataChars = 2000;

/** Rows of a kind that a programme holds. */
export const mostOf = { media: 2000, item: 2000, campaign: 1000 } as const;

/** Throws `bad-request` where a path and its body name two things. */
export function sameId(where: string, inPath: string | number, inBody: string | number): void {
  if (inPath === inBody) return;
  throw new FoyerError('bad-request', `The path names ${where} ${inPath}, the body ${inBody}.`);
}

const wrong = (sentence: string): FoyerError => new FoyerError('bad-request', sentence);

function inUse(sentence: string, whatToDo: string): FoyerError {
  return new FoyerError('wrong-state', sentence, { whatToDo });
}

/** The change, if its row fits every link. Throws `bad-request` otherwise. */
export function fitting(change: FeedChange): FeedChange {
  const bytes = new TextEncoder().encode(change.enc ?? '').byteLength;
  if (bytes <= maxRowBytes) return change;
  throw wrong(
    `The ${change.table} ${change.key} is ${bytes} bytes; the smallest link to a theatre ` +
      `carries ${maxRowBytes}: shorten its texts and lists.`,
  );
}

/** What else there is in a theatre, that content may name. */
export interface Known {
  screens: readonly Screen[];
  media: readonly Media[];
  items: readonly Item[];
  campaigns: readonly Campaign[];
  auditoriums: readonly string[];
  /** Boxes that drive screens. */
  boxes: readonly string[];
}

function missing(names: readonly string[], known: Iterable<string>): string | undefined {
  const all = new Set(known);
  return names.find((name) => !all.has(name));
}

/** Judges a theatre's screens. Throws `bad-request`, or `wrong-state` for a removal. */
export function checkScreens(screens: readonly Screen[], known: Known): void {
  const ids = screens.map((screen) => screen.screenId);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw wrong(`The screen ${twice} is named twice.`);
  for (const { screenId, auditorium, nodeId } of screens) {
    if (auditorium !== null && !known.auditoriums.includes(auditorium)) {
      throw wrong(`The screen ${screenId} stands at ${auditorium}, which is no auditorium here.`);
    }
    if (!known.boxes.includes(nodeId)) {
      throw wrong(`The screen ${screenId} names ${nodeId}, which is no node of the role screen.`);
    }
  }
  for (const { campaignId, target } of known.campaigns) {
    const gone = missing(target.screens, ids);
    if (gone === undefined) continue;
    throw inUse(
      `The campaign ${campaignId} is for the screen ${gone}.`,
      'Take the screen out of the campaign first.',
    );
  }
}

function checkBoardData(itemId: string, board: Board, data: Item['data']): void {
  const parsed = boardItemDataSchemas[board].safeParse(data);
  const [first] = parsed.error?.issues ?? [];
  if (first === undefined) return;
  const where = first.path.length === 0 ? '' : `${first.path.join('.')}: `;
  throw wrong(`The board ${board} cannot draw the data of ${itemId}: ${where}${first.message}.`);
}

/** Judges an item by the media that it names. Throws `bad-request`. */
export function checkItem({ itemId, content, data }: Item, media: Media | undefined): void {
  if (JSON.stringify(data).length > maxDataChars) {
    throw wrong(`The data of ${itemId} is longer than ${maxDataChars} characters as JSON.`);
  }
  if (content.kind === 'board') return checkBoardData(itemId, content.board, data);
  if (media === undefined) throw wrong(`There is no media ${content.sha256}: upload it first.`);
  const isTemplate = media.kind === 'template';
  if (isTemplate === (content.kind === 'template')) return;
  throw wrong(`The media ${content.sha256} is of the kind ${media.kind}, not ${content.kind}.`);
}

/** Judges a campaign by what it names. Throws `bad-request`. */
export function checkCampaign(campaign: Campaign, known: Known): void {
  const { campaignId, items, fallbackItem, target, shows, dates } = campaign;
  const named = fallbackItem === null ? items : [...items, fallbackItem];
  const itemIds = known.items.map((item) => item.itemId);
  const item = missing(named, itemIds);
  if (item !== undefined) throw wrong(`The campaign ${campaignId} names no item of ours: ${item}.`);
  const screenIds = known.screens.map((screen) => screen.screenId);
  const screen = missing(target.screens, screenIds);
  if (screen !== undefined) {
    throw wrong(`The campaign ${campaignId} names a screen that is not here: ${screen}.`);
  }
  const auditorium = missing(shows?.auditoriums ?? [], known.auditoriums);
  if (auditorium !== undefined) {
    throw wrong(`The campaign ${campaignId} names no auditorium of ours: ${auditorium}.`);
  }
  if (dates.from !== null && dates.to !== null && dates.from > dates.to) {
    throw wrong(`The campaign ${campaignId} ends on ${dates.to}, before it begins.`);
  }
}

/** Refuses to remove an item that a campaign plays. Throws `wrong-state`. */
export function checkItemFree(itemId: string, campaigns: readonly Campaign[]): void {
  const user = campaigns.find(
    (campaign) => campaign.items.includes(itemId) || campaign.fallbackItem === itemId,
  );
  if (user === undefined) return;
  throw inUse(
    `The campaign ${user.campaignId} plays the item ${itemId}.`,
    'Take the item out of the campaign, or remove the campaign, first.',
  );
}

/** Refuses to remove media that an item shows. Throws `wrong-state`. */
export function checkMediaFree(sha256: string, items: readonly Item[]): void {
  const user = items.find(({ content }) => 'sha256' in content && content.sha256 === sha256);
  if (user === undefined) return;
  throw inUse(`The item ${user.itemId} shows this file.`, 'Remove or change the item first.');
}

/** Refuses one more row than a programme holds. Throws `wrong-state`. */
export function checkRoom(kind: keyof typeof mostOf, count: number, isNew: boolean): void {
  if (!isNew || count < mostOf[kind]) return;
  const sentence = `The theatre has ${count} rows of the kind ${kind} already, as many as may be.`;
  throw inUse(sentence, 'Remove some that are not used any more.');
}
