import { waitFor } from '@foyer/platform/testing';
import { ed25519Signer, meshLink, silentLogger } from '@foyer/platform/node';
import type { Logger } from '@foyer/platform';
import { afterEach, expect, test } from 'vitest';
import {
  dropOldAuthority,
  provisionNode,
  rotateAuthority,
  theatreAuthority,
} from '../adapters/provisioning/index.ts';
import { codeOf, theatreNo } from './testing/house.ts';
import type { TestCloud } from './testing/test-cloud.ts';
import type { TestTheatre } from './testing/test-theatre.ts';
import { eachTestIn, type WholeHouse } from './testing/whole-house.ts';

const nodes = ['theatre', 'gate-1', 'gate-2'];
const gates = ['gate-1', 'gate-2'];
const tickets = 400;

let house: WholeHouse;
let cloud: TestCloud;
let theatre: TestTheatre;

eachTestIn({ nodes, tickets: Array.from({ length: tickets }, (_, n) => n) }, (begun) => {
  house = begun;
  ({ cloud, theatre } = begun);
});

afterEach(async () => {
  await scanner?.stop();
  scanner = null;
});

/** What the agents' logs say of certificates and connections, with the time of each. */
class Diary {
  readonly #notes: { node: string; event: string; peer: string; atMs: number }[] = [];

  loggerOf(node: string): Logger {
    const note = (event: string, fields?: Readonly<Record<string, unknown>>): void => {
      this.#notes.push({ node, event, peer: String(fields?.peer), atMs: performance.now() });
    };
    return { ...silentLogger(), info: note, warn: note, child: () => this.loggerOf(node) };
  }

  /** What was noted so far counts no more. */
  clear(): void {
    this.#notes.length = 0;
  }

  count(node: string, event: string): number {
    return this.#notes.filter((note) => note.node === node && note.event === event).length;
  }

  /** How long each pair was apart, each time that it was. */
  gapsMs(): number[] {
    return this.#notes
      .filter(({ event }) => event === 'mesh-peer-lost')
      .map((lost) => {
        const back = this.#notes.find(
          ({ node, event, peer, atMs }) =>
            event === 'mesh-peer-connected' &&
            [node, peer].join() === [lost.node, lost.peer].join() &&
            atMs >= lost.atMs,
        );
        return back === undefined ? Number.POSITIVE_INFINITY : back.atMs - lost.atMs;
      });
  }
}

async function running(diary = new Diary()): Promise<Diary> {
  for (const node of nodes) await theatre.start(node, { logger: diary.loggerOf(node) });
  await theatre.meshed();
  for (const node of nodes) {
    await house.holdsTickets(node, tickets);
    await theatre.until('recovered', node, ({ recovering }) => !recovering);
  }
  return diary;
}

let scanner: ReturnType<typeof scanOn> | null = null;

/** Scans one ticket after the other, at either gate, until it is stopped. */
function scanOn(): { stop(): Promise<{ reasons: Set<string>; scans: number; slowestMs: number }> } {
  const until = { stopped: false };
  const reasons = new Set<string>();
  let scans = 0;
  let slowestMs = 0;
  const work = (async () => {
    while (!until.stopped && scans < tickets) {
      const startedMs = performance.now();
      const { colour, reason } = await theatre.scan(gates[scans % 2] ?? '', codeOf(scans));
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
      reasons.add(`${colour} ${reason}`);
      scans += 1;
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  })();
  return {
    async stop() {
      until.stopped = true;
      await work;
      return { reasons, scans, slowestMs };
    },
  };
}

const renew = (nodeId: string): Promise<unknown> =>
  provisionNode({ theatreNo, nodeId, outDir: theatre.dir, nowMs: Date.now(), renew: true });

test('a theatre is walked to a new authority while it runs and scans', async () => {
  const diary = await running();
  const former = theatre.tls('gate-2');
  const takenUp = (times: number) =>
    waitFor(`${times} renewals everywhere`, () =>
      nodes.every((node) => diary.count(node, 'certificates-renewed') >= times),
    );
  // Where two nodes dialled each other at once, the pair changed over to one connection.
  diary.clear();
  scanner = scanOn();
  await rotateAuthority(theatre.dir, theatreAuthority(theatreNo), Date.now());
  await takenUp(1);
  for (const node of nodes) await renew(node);
  await takenUp(2);
  expect(diary.gapsMs()).toEqual([]);
  dropOldAuthority(theatre.dir, theatreAuthority(theatreNo));
  await takenUp(3);
  await theatre.meshed();
  const { reasons, scans, slowestMs } = await scanner.stop();
  expect(scans).toBeGreaterThan(5);
  expect([...reasons].filter((reason) => !reason.startsWith('green admitted'))).toEqual([]);
  expect(slowestMs).toBeLessThan(2000);
  expect(diary.gapsMs().length).toBeGreaterThan(0);
  expect(Math.max(...diary.gapsMs())).toBeLessThan(3000);
  const refusedBefore = diary.count('gate-1', 'mesh-peer-refused');
  const thief = await meshLink({
    theatreNo,
    nodeId: 'gate-2',
    listen: { host: '127.0.0.1', port: 0 },
    tls: { ...former, ca: theatre.tls('gate-2').ca },
    peers: { 'gate-1': theatre.meshUrl('gate-1') },
  });
  try {
    await waitFor('the former certificate to be refused', () => {
      return diary.count('gate-1', 'mesh-peer-refused') > refusedBefore;
    });
    expect(thief.peers()).toEqual([]);
  } finally {
    await thief.close();
  }
}, 60_000);

const next = { ...ed25519Signer(Buffer.alloc(32, 8).toString('base64url')), keyId: 2 };
const keyRow = (keyId: number, publicKey: string, status: 'active' | 'retired' | 'revoked') =>
  ['key', { keyId, publicKey, status }] as const;
const firstKey = ed25519Signer(Buffer.alloc(32, 7).toString('base64url')).publicKey;

/** Puts a row of keys and waits until every gate has it. */
async function tellGates(row: ReturnType<typeof keyRow>): Promise<void> {
  cloud.put([row]);
  for (const node of nodes) await house.knowsHouse(node);
}

test('tickets of both keys enter during a change; those of a revoked key at no gate', async () => {
  await running();
  expect(await theatre.scan('gate-1', codeOf(0, next))).toMatchObject({ reason: 'forged' });
  await tellGates(keyRow(2, next.publicKey, 'active'));
  await tellGates(keyRow(1, firstKey, 'retired'));
  for (const [index, gate] of gates.entries()) {
    const [old, fresh] = [10 + index, 20 + index];
    expect(await theatre.scan(gate, codeOf(old))).toMatchObject({ colour: 'green' });
    expect(await theatre.scan(gate, codeOf(fresh, next))).toMatchObject({ colour: 'green' });
  }
  await tellGates(keyRow(1, firstKey, 'revoked'));
  for (const [index, gate] of gates.entries()) {
    const [stolen, fresh] = [30 + index, 40 + index];
    const refused = { colour: 'red', reason: 'revoked' };
    expect(await theatre.scan(gate, codeOf(stolen))).toMatchObject(refused);
    expect(await theatre.scan(gate, codeOf(stolen, next))).toMatchObject({ colour: 'green' });
    expect(await theatre.scan(gate, codeOf(fresh, next))).toMatchObject({ colour: 'green' });
  }
});
