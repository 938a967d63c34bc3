import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Link } from '../link.ts';

export interface LinkPair {
  one: Link;
  other: Link;
  /** What `other` calls `one`, and `one` calls `other`. */
  oneName: string;
  otherName: string;
  /** Lets this world's time pass until the condition holds; throws if it never does. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** Nothing gets through any more, until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  dispose(): Promise<void>;
}

interface Received {
  peer: string;
  payload: Buffer;
}

function collect(link: Link): Received[] {
  const received: Received[] = [];
  link.onPayload((peer, payload) => received.push({ peer, payload: Buffer.from(payload) }));
  return received;
}

/** Payloads of many sizes, whose content tells each from each. */
function payloadOf(n: number, sizeBytes: number): Buffer {
  const payload = Buffer.alloc(sizeBytes, n % 251);
  if (sizeBytes >= 4) payload.writeUInt32BE(n);
  return payload;
}

/** What reaches the other end: some links carry less in one direction than in the other. */
function largestOf(from: Link, to: Link): number {
  const { maxReceivedBytes = Number.POSITIVE_INFINITY } = to.limits;
  return Math.min(from.limits.maxPayloadBytes, maxReceivedBytes);
}

function payloadsOf(largestBytes: number): Buffer[] {
  const sizes = [0, 1, 125, 126, 65_536].filter((size) => size < largestBytes);
  return [...sizes, largestBytes].map((size, n) => payloadOf(n, size));
}

/** A pair whose two ends have met, and what each of them got and was told. */
interface World {
  pair: LinkPair;
  atOne: Received[];
  atOther: Received[];
  /** What `one` was told of its peers. */
  changes: [string, boolean][];
}

async function meet(pair: LinkPair): Promise<World> {
  const changes: [string, boolean][] = [];
  pair.one.onPeer((peer, connected) => changes.push([peer, connected]));
  const world = { pair, atOne: collect(pair.one), atOther: collect(pair.other), changes };
  await greet(pair, () => world.atOther.length > 0);
  return world;
}

/** What every Link does while its world is fine, and when it is cut and mended. */
export function describeLink(name: string, make: () => Promise<LinkPair>): void {
  describe(`Link: ${name}`, () => {
    let world: World;
    beforeEach(async () => {
      world = await meet(await make());
    });
    afterEach(async () => world.pair.dispose());
    describeTraffic(() => world);
    describeEnds(() => world);
  });
}

function describeTraffic(here: () => World): void {
  test('each end sees the other under its name', async () => {
    const { pair, changes } = here();
    await pair.until('both ends', () => pair.other.peers().includes(pair.oneName));
    expect(pair.one.peers()).toContain(pair.otherName);
    expect(changes).toContainEqual([pair.otherName, true]);
  });

  test('payloads arrive whole in both directions, under the name of their sender', async () => {
    const { pair, atOne, atOther } = here();
    const ways = [
      { from: pair.one, to: pair.other, name: pair.otherName, received: atOther },
      { from: pair.other, to: pair.one, name: pair.oneName, received: atOne },
    ];
    for (const { from, to, name, received } of ways) {
      const sent = payloadsOf(largestOf(from, to));
      received.splice(0);
      for (const [index, payload] of sent.entries()) {
        await pair.until('room', () => from.send(name, payload));
        await pair.until('the payload', () => received.length > index);
      }
      const sender = from === pair.one ? pair.oneName : pair.otherName;
      expect(received.map(({ peer }) => peer)).toEqual(sent.map(() => sender));
      // Compared as a whole: a deep comparison of a megabyte takes many seconds.
      expect(received.map(({ payload }, n) => sent[n]?.equals(payload))).toEqual(
        sent.map(() => true),
      );
    }
  });

  test('a payload above the limit and an unknown peer are refused', () => {
    const { pair } = here();
    const tooLarge = new Uint8Array(pair.one.limits.maxPayloadBytes + 1);
    expect(pair.one.send(pair.otherName, tooLarge)).toBe(false);
    expect(pair.one.send('nobody at all', new Uint8Array(1))).toBe(false);
  });

  test('a flood is refused at some point, and what was accepted arrives', async () => {
    const { pair, atOther } = here();
    atOther.splice(0);
    const sizeBytes = Math.min(largestOf(pair.one, pair.other), 65_536);
    let accepted = 0;
    while (accepted < 20_000 && pair.one.send(pair.otherName, payloadOf(accepted, sizeBytes))) {
      accepted += 1;
    }
    expect(accepted).toBeGreaterThan(1);
    expect(accepted).toBeLessThan(20_000);
    await pair.until('what was accepted', () => atOther.length >= accepted);
    await pair.until('room again', () => pair.one.send(pair.otherName, payloadOf(0, 1)));
  });
}

function describeEnds(here: () => World): void {
  test('a cut is noticed, sending is refused meanwhile, and mending brings all back', async () => {
    const { pair, atOne, atOther, changes } = here();
    await pair.cut();
    await pair.until('the cut at one end', () => !pair.one.peers().includes(pair.otherName));
    expect(pair.one.send(pair.otherName, payloadOf(1, 10))).toBe(false);
    expect(changes.at(-1)).toEqual([pair.otherName, false]);
    await pair.until('the cut at the other', () => pair.other.peers().length === 0);
    await pair.mend();
    atOther.splice(0);
    atOne.splice(0);
    await greet(pair, () => atOther.length > 0);
    await pair.until('an answer', () => {
      pair.other.send(pair.oneName, payloadOf(2, 10));
      return atOne.length > 0;
    });
    expect(changes.at(-1)).toEqual([pair.otherName, true]);
  });

  test('a listener that comes late hears of the peers that are there', () => {
    const { pair } = here();
    const heard: [string, boolean][] = [];
    pair.one.onPeer((peer, connected) => heard.push([peer, connected]));
    expect(heard).toEqual([[pair.otherName, true]]);
  });

  test('after closing, also twice, it sends nothing and has no peers', async () => {
    const { pair } = here();
    await Promise.all([pair.one.close(), pair.one.close()]);
    await pair.one.close();
    expect(pair.one.peers()).toEqual([]);
    expect(pair.one.send(pair.otherName, payloadOf(1, 1))).toBe(false);
  });
}

/** Sends until something arrives: a link may lose what is sent while it comes up. */
async function greet(pair: LinkPair, arrived: () => boolean): Promise<void> {
  await pair.until('the connection', () => pair.one.peers().includes(pair.otherName));
  await pair.until('the first payload', () => {
    if (!arrived()) pair.one.send(pair.otherName, payloadOf(0, 4));
    return arrived();
  });
}
