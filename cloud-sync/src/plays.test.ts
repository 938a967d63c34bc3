import { X509Certificate } from 'node:crypto';

import {
  bookingOperations,
  contentOperations,
  genesisHash,
  type EventBody,
  type PlayEvent,
} from '@foyer/contracts';
import { signPlaySeal } from '@foyer/platform/node';
import { issueNode, makeTestCa } from '@foyer/platform/testing';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';

import { call, theatreNo, type TestCloud } from './testing/cloud.ts';
import { putBox } from './testing/content.ts';
import { databaseKinds, testRandom } from './testing/databases.ts';
import { Outbox } from './testing/outbox.ts';
import { endSharedDatabases, useCloud } from './testing/suite.ts';

endSharedDatabases();

const random = testRandom();
const ca = makeTestCa();
const box = issueNode(ca, theatreNo, 'screen-1', 'screen');
const stranger = issueNode(makeTestCa('stranger'), theatreNo, 'screen-1', 'screen');
const authorities = new Map([[theatreNo, [new X509Certificate(ca.ca)]]]);

const params = { theatreNo };
const startedAtMs = 1_767_225_600_000;

function play(more: Partial<PlayEvent> = {}): PlayEvent {
  return {
    kind: 'play',
    playId: random.uuid(),
    screenId: 'lobby-1',
    itemId: 'times',
    campaignId: null,
    decisionId: null,
    programmeHash: 'c'.repeat(64),
    startedAtMs,
    endedAtMs: startedAtMs + 8000,
    outcome: 'complete',
    display: 'matched',
    gate: 'screen-1',
    atMs: startedAtMs + 8000,
    ...more,
  };
}

/** Seals what the lane has, as the box itself does or as a thief would. */
function seal(
  outbox: Outbox,
  tls = box,
  more: Partial<{ hash: string; seq: number }> = {},
): string {
  const seq = outbox.events.length;
  const hash = outbox.hashes.at(-1) ?? genesisHash;
  const chain = { node: outbox.node, seq, hash, ...more };
  const body: EventBody = {
    kind: 'play-seal',
    seq: chain.seq,
    hash: chain.hash,
    plays: seq,
    ...signPlaySeal(chain, tls),
    gate: outbox.node,
    atMs: startedAtMs,
  };
  return outbox.add(body);
}

function readersOf(suite: { readonly it: TestCloud }) {
  return {
    take: (outbox: Outbox, since = 0) => suite.it.cloud.ingest.take(theatreNo, outbox.push(since)),
    summary: () => call(suite.it.cloud, bookingOperations.summary, { params }),
    plays: async (query: { limit?: number; after?: string } = {}) =>
      call(suite.it.cloud, contentOperations.plays, { params, query }),
    alarms: async () => {
      const found = await sql<{ code: string; detail: string }>`
        SELECT code, detail FROM alarm`.execute(suite.it.store.db);
      return found.rows;
    },
  };
}

describe.each(databaseKinds)('proof of play on %s', (kind) => {
  const suite = useCloud(kind);
  const { take, summary, plays } = readersOf(suite);

  test('a play counts once, however and under how many events it is told', async () => {
    await putBox(suite.it);
    const outbox = new Outbox('screen-1', 'bulk');
    const one = play();
    outbox.add(one);
    outbox.add(one);
    outbox.add(play());
    expect((await take(outbox)).rejects).toEqual([]);
    outbox.add(one);
    await take(outbox);
    await take(outbox);
    expect(await summary()).toMatchObject({ plays: 2, deadLetters: 0 });
    const told = (await plays()).plays.find(({ playId }) => playId === one.playId);
    expect(told).toMatchObject({ ...one, sealed: false });
  });

  test('a play whose end nobody knew takes the end that is told later, and no other', async () => {
    await putBox(suite.it);
    const outbox = new Outbox('screen-1', 'bulk');
    const cut = play({ endedAtMs: null, outcome: 'cut' });
    outbox.add(cut);
    await take(outbox);
    outbox.add({ ...cut, endedAtMs: startedAtMs + 5000, outcome: 'complete' });
    await take(outbox);
    outbox.add({ ...cut, endedAtMs: startedAtMs + 9000, outcome: 'failed' });
    outbox.add(cut);
    await take(outbox);
    const { plays: rows } = await plays();
    expect(rows).toMatchObject([{ endedAtMs: startedAtMs + 5000, outcome: 'complete' }]);
  });

  test('plays come by page, each once', async () => {
    await putBox(suite.it);
    const outbox = new Outbox('screen-1', 'bulk');
    for (let n = 0; n < 25; n += 1) outbox.add(play());
    await take(outbox);
    const seen = new Set<string>();
    let pages = 0;
    for (let after: string | null = ''; after !== null; pages += 1) {
      const page: Awaited<ReturnType<typeof plays>> = await plays({
        limit: 10,
        ...(after === '' ? {} : { after }),
      });
      for (const { playId } of page.plays) seen.add(playId);
      after = page.next;
    }
    expect([seen.size, pages]).toEqual([25, 3]);
  });
});

describe.each(databaseKinds)('who tells of screens on %s', (kind) => {
  const suite = useCloud(kind);
  const { take, summary } = readersOf(suite);

  test('only a screen tells plays, faults and what is shown; anybody an emergency', async () => {
    await putBox(suite.it);
    const emergencyId = random.uuid();
    const fault = { kind: 'screen-fault', screenId: 'lobby-1', code: 'media-corrupt' } as const;
    const shown = { kind: 'emergency-shown', emergencyId, screenId: 'lobby-1' } as const;
    const raised = { kind: 'emergency', emergencyId, active: true, emergency: 'evacuate' } as const;
    const at = (gate: string) => ({ gate, atMs: startedAtMs });
    for (const gate of ['gate-1', 'screen-9', 'screen-1']) {
      const told = new Outbox(gate, 'telemetry');
      told.add({ ...fault, object: 'still', rung: 'skip', ...at(gate) });
      told.add({ ...shown, shown: true, ...at(gate) });
      told.add({ ...raised, text: 'Leave', screens: [], by: 'operator', ...at(gate) });
      const bulk = new Outbox(gate, 'bulk');
      bulk.add(play({ gate }));
      const codes = [await take(told), await take(bulk)].flatMap(({ rejects }) =>
        rejects.map(({ code }) => code),
      );
      expect([gate, codes]).toEqual([
        gate,
        gate === 'screen-1' ? [] : ['wrong-role', 'wrong-role', 'wrong-role'],
      ]);
    }
    expect(await summary()).toMatchObject({ plays: 1 });
    const log = await call(suite.it.cloud, contentOperations.screenLog, { params });
    expect(log.faults).toMatchObject([{ gate: 'screen-1', code: 'media-corrupt', rung: 'skip' }]);
    expect(log.emergencies.map((one) => one.kind).sort()).toEqual([
      'emergency',
      'emergency',
      'emergency',
      'emergency-shown',
    ]);
  });
});

describe.each(databaseKinds)('seals of plays on %s', (kind) => {
  const suite = useCloud(kind, { authorities });
  const { take, plays, alarms } = readersOf(suite);
  const sealed = async () => (await plays()).plays.filter((row) => row.sealed).length;

  test('a sound seal covers every play before it, and none after', async () => {
    await putBox(suite.it);
    const outbox = new Outbox('screen-1', 'bulk');
    for (let n = 0; n < 3; n += 1) outbox.add(play());
    seal(outbox);
    outbox.add(play());
    await take(outbox);
    expect([await sealed(), (await plays()).plays.length]).toEqual([3, 4]);
    seal(outbox);
    await take(outbox, 5);
    expect(await sealed()).toBe(4);
    expect(await alarms()).toEqual([]);
  });

  test('a forged seal marks nothing, is counted and alarmed, and blocks nothing', async () => {
    await putBox(suite.it);
    const outbox = new Outbox('screen-1', 'bulk');
    outbox.add(play());
    seal(outbox, stranger);
    seal(outbox, issueNode(ca, theatreNo, 'screen-2', 'screen'));
    seal(outbox, issueNode(ca, theatreNo + 1, 'screen-1', 'screen'));
    seal(outbox, box, { hash: 'd'.repeat(32) });
    seal(outbox, box, { seq: 99 });
    outbox.add(play());
    const ack = await take(outbox);
    expect([ack.lastSeq, ack.rejects]).toEqual([7, []]);
    expect([await sealed(), (await plays()).plays.length]).toEqual([0, 2]);
    const faults = (await alarms()).map(({ code, detail }) => `${code} ${detail.split(': ')[1]}`);
    expect(faults.sort()).toEqual([
      'play-seal-refused other-authority.',
      'play-seal-refused other-chain.',
      'play-seal-refused other-chain.',
      'play-seal-refused other-node.',
      'play-seal-refused other-node.',
    ]);
    const text = await (await fetch(`${suite.it.cloud.url}/metrics`)).text();
    expect(text).toContain('foyer_cloud_rejected_events_total{code="seal-other-authority"} 1');
    seal(outbox);
    await take(outbox, 7);
    expect(await sealed()).toBe(2);
  });

  test('a seal speaks for its own start of the node only', async () => {
    await putBox(suite.it);
    const before = new Outbox('screen-1', 'bulk');
    before.add(play());
    await take(before);
    const after = new Outbox('screen-1', 'bulk');
    after.incarnation = 'b'.repeat(16);
    after.add(play());
    after.add(play());
    seal(after);
    await take(after);
    expect([await sealed(), (await plays()).plays.length]).toEqual([2, 3]);
  });
});
