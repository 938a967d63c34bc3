import { bookingOperations, parseTicketCode } from '@foyer/contracts';
import { ed25519Signer, verifyEd25519 } from '@foyer/platform/node';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { listEntries } from './adapters/store/catalogue.ts';
import { TheatreFeedStore } from './adapters/store/feed-store.ts';
import type { PublishedKey, TicketSigner } from './domain/ports.ts';
import { buy, call, putHouse, startCloud, theatreNo, type TestCloud } from './testing/cloud.ts';
import { testRandom } from './testing/databases.ts';

const signerOf = (keyId: number): TicketSigner => ({
  ...ed25519Signer(Buffer.alloc(32, keyId).toString('base64url')),
  keyId,
});
const [one, two] = [signerOf(1), signerOf(2)];

let dir = '';
let running: TestCloud | null = null;

beforeEach(() => {
  dir = makeTempDir('ticket-keys');
});

afterEach(async () => {
  await running?.close();
  running = null;
  removeTempDir(dir);
});

/** Starts the worker anew on the same database, with other keys. */
async function restart(signer: TicketSigner, ...otherKeys: PublishedKey[]): Promise<TestCloud> {
  await running?.close();
  running = null;
  const database = { kind: 'sqlite' as const, path: `${dir}/cloud.db` };
  running = await startCloud({ database, signer, otherKeys });
  return running;
}

const keysOf = async ({ store }: TestCloud): Promise<string[]> => {
  const rows = await listEntries(store.db, theatreNo, 'key');
  return rows.map(({ keyId, status }) => `${keyId} ${status}`).toSorted();
};

const headOf = async ({ store }: TestCloud): Promise<number> =>
  (await new TheatreFeedStore(store, theatreNo, testRandom()).meta('house'))?.head ?? 0;

test('a key is made known ahead, signs, is retired, and is revoked, a commit each', async () => {
  const first = await restart(one);
  await putHouse(first);
  const heads = [await headOf(first)];
  const steps: [TicketSigner, PublishedKey[], string[]][] = [
    [one, [{ keyId: 2, status: 'active', publicKey: two.publicKey }], ['1 active', '2 active']],
    [two, [], ['1 active', '2 active']],
    [two, [{ keyId: 1, status: 'retired', publicKey: null }], ['1 retired', '2 active']],
    [two, [{ keyId: 1, status: 'revoked', publicKey: null }], ['1 revoked', '2 active']],
  ];
  for (const [signer, others, expected] of steps) {
    const cloud = await restart(signer, ...others);
    expect(await keysOf(cloud)).toEqual(expected);
    heads.push(await headOf(cloud));
  }
  expect(heads.map((head) => head - (heads[0] ?? 0))).toEqual([0, 1, 1, 2, 3]);
});

test('a ticket that was bought before is signed with the new key from then on', async () => {
  const first = await restart(one);
  await putHouse(first);
  const sold = await buy(first.cloud, ['A1']);
  const second = await restart(two, { keyId: 1, status: 'revoked', publicKey: null });
  const { bookingId } = sold;
  const again = await call(second.cloud, bookingOperations.booking, { params: { bookingId } });
  const codes = [sold, again].map(({ tickets }) => parseTicketCode(tickets[0]?.code ?? ''));
  const read = codes.map((parsed) => (parsed.outcome === 'code' ? parsed.code : null));
  expect(read.map((code) => code?.keyId)).toEqual([1, 2]);
  const [, code] = read;
  expect(code && verifyEd25519(two.publicKey, code.core, code.signature)).toBe(true);
});

test('a key id that stands for another key, or was revoked, ends the start', async () => {
  await putHouse(await restart(one));
  const impostor = { ...two, keyId: 1 };
  await expect(restart(impostor)).rejects.toThrow(/Key id 1 is taken by another key/);
  await restart(two, { keyId: 1, status: 'revoked', publicKey: null });
  await expect(restart(one)).rejects.toThrow(/Key id 1 was revoked: nothing can be signed/);
  const back = { keyId: 1, status: 'active' as const, publicKey: null };
  await expect(restart(two, back)).rejects.toThrow(/Key id 1 was revoked: it stays so/);
});

test('a key that no theatre knows needs its public key; a former one is not missed', async () => {
  await putHouse(await restart(one));
  const next = { keyId: 3, status: 'active' as const, publicKey: null };
  await expect(restart(one, next)).rejects.toThrow(/Key id 3 is new/);
  const cloud = await restart(one, { ...next, status: 'retired' });
  expect(await keysOf(cloud)).toEqual(['1 active']);
});
