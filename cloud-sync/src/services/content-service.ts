import type {
  Campaign,
  Content,
  FeedRow,
  Item,
  Screen,
  Signage,
  TheatreNo,
} from '@foyer/contracts';

import {
  findEntry,
  listEntries,
  lockTheatre,
  needTheatre,
  putEntry,
  removeEntry,
} from '../adapters/store/catalogue.ts';
import type { Db, Tx } from '../adapters/store/database.ts';
import {
  checkCampaign,
  checkItem,
  checkItemFree,
  checkRoom,
  checkScreens,
  fitting,
  sameId,
  type Known,
} from '../domain/content.ts';
import { changeOf, removalOf, type FeedChange } from '../domain/feed-rows.ts';
import { write, type ServiceContext } from './context.ts';

async function knownOf(db: Db | Tx, theatreNo: TheatreNo): Promise<Known> {
  const auditoriums = await listEntries(db, theatreNo, 'auditorium');
  const nodes = await listEntries(db, theatreNo, 'node');
  return {
    screens: await listEntries(db, theatreNo, 'screen'),
    media: await listEntries(db, theatreNo, 'media'),
    items: await listEntries(db, theatreNo, 'item'),
    campaigns: await listEntries(db, theatreNo, 'campaign'),
    auditoriums: auditoriums.map((row) => row.auditorium),
    boxes: nodes.filter((node) => node.role === 'screen').map((node) => node.nodeId),
  };
}

/** What the screens of a theatre show, but for files; every change goes to the `house` feed. */
export class ContentService {
  readonly #context: ServiceContext;
  readonly #screensChanged: (theatreNo: TheatreNo) => void;

  /** `screensChanged` is told after the commit: files are prepared for the new sizes. */
  constructor(context: ServiceContext, screensChanged: (theatreNo: TheatreNo) => void) {
    this.#context = context;
    this.#screensChanged = screensChanged;
  }

  async read(theatreNo: TheatreNo): Promise<Content> {
    const { db } = this.#context.store;
    await needTheatre(db, theatreNo);
    const signage = await findEntry(db, theatreNo, 'signage', theatreNo);
    const { screens, media, items, campaigns } = await knownOf(db, theatreNo);
    const mutable = { screens: [...screens], media: [...media], items: [...items] };
    return { signage: signage ?? null, ...mutable, campaigns: [...campaigns] };
  }

  putSignage(theatreNo: TheatreNo, row: Signage): Promise<Signage> {
    sameId('theatre', theatreNo, row.theatreNo);
    return this.#put(theatreNo, 'signage', row, () => {});
  }

  async putScreens(theatreNo: TheatreNo, screens: readonly Screen[]) {
    const value = await this.#change(theatreNo, async (tx, known) => {
      checkScreens(screens, known);
      const kept = new Set(screens.map((screen) => screen.screenId));
      const changes: FeedChange[] = screens.map((row) => fitting(changeOf('screen', row)));
      for (const { screenId } of known.screens) {
        if (kept.has(screenId)) continue;
        await removeEntry(tx, theatreNo, 'screen', screenId);
        changes.push(removalOf('screen', screenId));
      }
      for (const row of screens) await putEntry(tx, theatreNo, 'screen', row.screenId, row);
      return { value: { screens: [...screens] }, changes };
    });
    this.#screensChanged(theatreNo);
    return value;
  }

  putItem(theatreNo: TheatreNo, itemId: string, row: Item): Promise<Item> {
    sameId('item', itemId, row.itemId);
    return this.#put(theatreNo, 'item', row, ({ items, media }) => {
      checkRoom('item', items.length, !items.some((item) => item.itemId === itemId));
      const { content } = row;
      const sha256 = 'sha256' in content ? content.sha256 : null;
      checkItem(
        row,
        media.find((file) => file.sha256 === sha256),
      );
    });
  }

  removeItem(theatreNo: TheatreNo, itemId: string) {
    return this.#remove(theatreNo, 'item', itemId, ({ campaigns }) => {
      checkItemFree(itemId, campaigns);
    });
  }

  putCampaign(theatreNo: TheatreNo, campaignId: string, row: Campaign): Promise<Campaign> {
    sameId('campaign', campaignId, row.campaignId);
    return this.#put(theatreNo, 'campaign', row, (known) => {
      const { campaigns } = known;
      const isNew = !campaigns.some((campaign) => campaign.campaignId === campaignId);
      checkRoom('campaign', campaigns.length, isNew);
      checkCampaign(row, known);
    });
  }

  removeCampaign(theatreNo: TheatreNo, campaignId: string) {
    return this.#remove(theatreNo, 'campaign', campaignId, () => {});
  }

  #put<K extends 'signage' | 'item' | 'campaign'>(
    theatreNo: TheatreNo,
    kind: K,
    row: FeedRow<K>,
    check: (known: Known) => void,
  ): Promise<FeedRow<K>> {
    return this.#change(theatreNo, async (tx, known) => {
      check(known);
      const change = fitting(changeOf(kind, row));
      await putEntry(tx, theatreNo, kind, change.key, row);
      return { value: row, changes: [change] };
    });
  }

  #remove(
    theatreNo: TheatreNo,
    kind: 'item' | 'campaign',
    key: string,
    check: (known: Known) => void,
  ): Promise<{ removed: boolean }> {
    return this.#change<{ removed: boolean }>(theatreNo, async (tx, known) => {
      if ((await findEntry(tx, theatreNo, kind, key)) === undefined) {
        return { value: { removed: false }, changes: [] };
      }
      check(known);
      await removeEntry(tx, theatreNo, kind, key);
      return { value: { removed: true }, changes: [removalOf(kind, key)] };
    });
  }

  /** One change at a time in a theatre: what a row names must be there when it commits. */
  #change<T>(
    theatreNo: TheatreNo,
    work: (tx: Tx, known: Known) => Promise<{ value: T; changes: readonly FeedChange[] }>,
  ): Promise<T> {
    return write(this.#context, theatreNo, async (tx) => {
      await lockTheatre(tx, this.#context.store.kind, theatreNo);
      return work(tx, await knownOf(tx, theatreNo));
    });
  }
}
