import { contentOperations, type Campaign } from '@foyer/contracts';
import { mqttCloudLink, mqttLink, nodeClock, nodeRandom, openJournal } from '@foyer/platform/node';
import { simLogger } from '@foyer/platform/sim';
import { makeTempDir, removeTempDir, startMosquitto, waitFor } from '@foyer/platform/testing';
import { describe, expect, test } from 'vitest';

import { TheatreFeedStore } from './adapters/store/feed-store.ts';
import { createSyncNode, rowOf } from './engine/index.ts';
import { call, putHouse, refusal, request, startCloud, theatreNo } from './testing/cloud.ts';
import {
  board,
  campaign,
  contentOf,
  putBox,
  putCampaign,
  putItem,
  putScreens,
  screen,
} from './testing/content.ts';
import { databaseKinds, testRandom } from './testing/databases.ts';
import { endSharedDatabases, useCloud } from './testing/suite.ts';

endSharedDatabases();

const signage = {
  theatreNo,
  brand: { name: 'Lumen', ground: '#101418', accent: '#ffb400' },
  featureAfterStartMin: 20,
  lastCallBeforeFeatureMin: 5,
  cleaningMin: 15,
};

const params = { theatreNo };

describe.each(databaseKinds)('content of screens on %s', (kind) => {
  const suite = useCloud(kind);

  async function house(table: string) {
    const store = new TheatreFeedStore(suite.it.store, theatreNo, testRandom());
    const records = await store.changes('house', 0, 1_000_000, 100_000);
    return records.filter((record) => record.table === table);
  }

  test('every change is a row of the house feed, and every removal its end', async () => {
    await putBox(suite.it);
    await call(suite.it.cloud, contentOperations.putSignage, { params, body: signage });
    await putScreens(suite.it, [screen('lobby-1'), screen('door-1', { auditorium: 'a1' })]);
    await putItem(suite.it, board('times'));
    await putCampaign(suite.it, campaign('house'));
    expect(await contentOf(suite.it)).toMatchObject({
      signage,
      screens: [{ screenId: 'door-1' }, { screenId: 'lobby-1' }],
      items: [{ itemId: 'times' }],
      campaigns: [{ campaignId: 'house' }],
    });
    const [row] = await house('campaign');
    expect(row === undefined ? null : rowOf('campaign', row)).toEqual(campaign('house'));
    expect((await house('signage')).length).toBe(1);
    const remove = contentOperations.removeCampaign;
    const named = { params: { theatreNo, campaignId: 'house' } };
    expect(await call(suite.it.cloud, remove, named)).toEqual({ removed: true });
    expect(await call(suite.it.cloud, remove, named)).toEqual({ removed: false });
    expect((await house('campaign')).map((gone) => gone.enc)).toEqual([null]);
    await putScreens(suite.it, [screen('lobby-1')]);
    expect((await house('screen')).map(({ key, enc }) => [key, enc === null])).toEqual([
      ['lobby-1', false],
      ['door-1', true],
    ]);
  });

  test('what is told again as it was is no change of the feed', async () => {
    await putItem(suite.it, board('times'));
    const [before] = await house('item');
    await putItem(suite.it, board('times'));
    expect((await house('item'))[0]?.seq).toBe(before?.seq);
  });

  test('two changes at once leave nothing that names what is gone', async () => {
    for (let round = 0; round < 5; round += 1) {
      await putItem(suite.it, board('times'));
      const item = { params: { theatreNo, itemId: 'times' } };
      await Promise.allSettled([
        putCampaign(suite.it, campaign('house')),
        call(suite.it.cloud, contentOperations.removeItem, item),
      ]);
      const { items, campaigns } = await contentOf(suite.it);
      expect(campaigns.length === 0 || items.length === 1).toBe(true);
      const named = { params: { theatreNo, campaignId: 'house' } };
      await call(suite.it.cloud, contentOperations.removeCampaign, named);
    }
  });
});

describe('what is refused', () => {
  const suite = useCloud('sqlite');
  const refusedCampaign = (row: Campaign) =>
    refusal(suite.it.cloud, contentOperations.putCampaign, {
      params: { theatreNo, campaignId: row.campaignId },
      body: row,
    });

  test('everything of content but a file needs the key of the operator', async () => {
    const names = Object.keys(contentOperations) as (keyof typeof contentOperations)[];
    const sha256 = 'a'.repeat(64);
    for (const name of names) {
      const response = await request(suite.it.cloud, contentOperations[name], {
        params: { theatreNo, itemId: 'x', campaignId: 'x', sha256 },
        headers: { authorization: 'Bearer wrong' },
      });
      expect([name, response.status]).toEqual([name, name === 'media' ? 404 : 401]);
    }
  });

  test('a campaign names items, screens and auditoriums that are there', async () => {
    await putItem(suite.it, board('times'));
    const target = { screens: ['wall-9'], kinds: [], groups: [], tags: [] };
    const moment = { of: 'start' as const, offsetMin: -20 };
    const shows = {
      from: moment,
      to: { ...moment, offsetMin: -5 },
      auditoriums: ['a9'],
      films: [],
    };
    const cases: [Partial<Campaign>, string][] = [
      [{ items: ['nothing'] }, 'names no item of ours: nothing'],
      [{ fallbackItem: 'gone' }, 'names no item of ours: gone'],
      [{ target }, 'names a screen that is not here: wall-9'],
      [{ shows }, 'names no auditorium of ours: a9'],
      [{ dates: { from: '2026-12-02', to: '2026-12-01' } }, 'before it begins'],
    ];
    for (const [more, sentence] of cases) {
      const told = await refusedCampaign(campaign('house', more));
      expect(told).toMatchObject({ status: 400, code: 'bad-request' });
      expect(told.message).toContain(sentence);
    }
  });

  test('an item names media that is there; a screen an auditorium and a box', async () => {
    const missing = { ...board('film'), content: { kind: 'media', sha256: 'b'.repeat(64) } };
    const put = { params: { theatreNo, itemId: 'film' }, body: missing };
    const told = await refusal(suite.it.cloud, contentOperations.putItem, put);
    expect(told.message).toContain('upload it first');
    const long = { ...board('menu'), data: { lines: 'x'.repeat(2001) } };
    const longPut = { params: { theatreNo, itemId: 'menu' }, body: long };
    expect(await refusal(suite.it.cloud, contentOperations.putItem, longPut)).toMatchObject({
      status: 400,
    });
    const screens = (one: object) =>
      refusal(suite.it.cloud, contentOperations.putScreens, {
        params,
        body: { screens: [one] },
      });
    expect((await screens(screen('lobby-1'))).message).toContain('no node of the role screen');
    await putBox(suite.it);
    const elsewhere = await screens(screen('door-1', { auditorium: 'a9' }));
    expect(elsewhere.message).toContain('which is no auditorium here');
  });
});

describe('what is refused of rows that are there', () => {
  const suite = useCloud('sqlite');

  test('what is in use stays', async () => {
    await putBox(suite.it);
    await putScreens(suite.it, [screen('lobby-1')]);
    await putItem(suite.it, board('times'));
    const target = { screens: ['lobby-1'], kinds: [], groups: [], tags: [] };
    await putCampaign(suite.it, campaign('house', { target }));
    const item = { params: { theatreNo, itemId: 'times' } };
    expect(await refusal(suite.it.cloud, contentOperations.removeItem, item)).toMatchObject({
      status: 409,
      code: 'wrong-state',
    });
    const none = { params, body: { screens: [] } };
    expect(await refusal(suite.it.cloud, contentOperations.putScreens, none)).toMatchObject({
      code: 'wrong-state',
    });
  });

  test('data that its board cannot draw, by the place of what is wrong', async () => {
    const sections = [{ titel: 'Popcorn', lines: [] }];
    const misspelt = { ...board('menu'), content: { kind: 'board', board: 'menu' } };
    const menuPut = {
      params: { theatreNo, itemId: 'menu' },
      body: { ...misspelt, data: { sections } },
    };
    const menuTold = await refusal(suite.it.cloud, contentOperations.putItem, menuPut);
    expect(menuTold.message).toContain('sections.0.title');
  });

  test('a row that the smallest link cannot carry', async () => {
    const put = (dishes: number) => {
      const line = { name: '漢'.repeat(170) };
      const sections = [0, 1].map(() => ({ title: '', lines: Array(dishes / 2).fill(line) }));
      const body = {
        ...board('menu'),
        content: { kind: 'board', board: 'menu' },
        data: { sections },
      };
      return { params: { theatreNo, itemId: 'menu' }, body };
    };
    const told = await refusal(suite.it.cloud, contentOperations.putItem, put(10));
    expect(told).toMatchObject({ status: 400, code: 'bad-request' });
    expect(told.message).toMatch(/is \d+ bytes; the smallest link to a theatre carries 4500/);
    await call(suite.it.cloud, contentOperations.putItem, put(8));
  });
});

test('rows arrive at the replica of a theatre, and go there again', async () => {
  const clock = nodeClock();
  const random = nodeRandom();
  const dir = makeTempDir('content');
  const broker = await startMosquitto();
  const it = await startCloud({
    database: { kind: 'sqlite', path: `${dir}/cloud.db` },
    clock,
    openLink: (onStray) =>
      mqttCloudLink({ url: broker.url, sharedSubscription: false, clock, random, onStray }),
  });
  const journal = openJournal({ path: `${dir}/theatre.db`, migrations: [] });
  const self = { node: 'theatre', role: 'theatre' } as const;
  const logger = simLogger();
  const agent = createSyncNode({ journal, clock, random, logger, self, apply: () => undefined });
  try {
    await putHouse(it);
    await putItem(it, board('times'));
    await putCampaign(it, campaign('house'));
    const link = mqttLink({ url: broker.url, theatreNo, nodeId: 'theatre', clock, random });
    agent.addLink({ name: 'wan', link, roleOf: () => 'cloud' });
    agent.setUpstream({ link: 'wan', peer: 'cloud' });
    const rows = (table: 'campaign' | 'item') => agent.replica.all('house', table).length;
    await waitFor('the campaign', () => rows('campaign') === 1 && rows('item') === 1);
    const named = { params: { theatreNo, campaignId: 'house' } };
    await call(it.cloud, contentOperations.removeCampaign, named);
    await waitFor('its end', () => rows('campaign') === 0);
  } finally {
    await agent.close();
    journal.close();
    await it.close();
    await broker.stop();
    removeTempDir(dir);
  }
}, 30_000);
