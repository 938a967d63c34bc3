import { isFoyerError } from '@foyer/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { TopicClient, TopicListener } from '../topic-client.ts';

export interface TopicClientPair {
  client: TopicClient;
  /** Another client of the same broker: the cloud's side. */
  other: TopicClient;
  /** A topic that both ends may use; `path` has at most two levels, or is a filter of them. */
  topic: (path: string) => string;
  /** Lets this world's time pass until the condition holds; throws if it never does. */
  until: (what: string, condition: () => boolean) => Promise<void>;
  /** Nothing gets through any more, until `mend`. */
  cut: () => Promise<void>;
  mend: () => Promise<void>;
  dispose(): Promise<void>;
}

/** Everything that a listener was told, as words. */
function record(): { told: string[]; listener: TopicListener } {
  const told: string[] = [];
  return {
    told,
    listener: {
      message: (topic, payload) => told.push(`${topic} ${Buffer.from(payload).toString()}`),
      ready: () => told.push('ready'),
      lost: (reason) => told.push(`lost ${reason.code}`),
    },
  };
}

const text = (payload: string): Uint8Array => Buffer.from(payload);

async function codeOf(attempt: Promise<void>): Promise<string> {
  try {
    await attempt;
    return 'none';
  } catch (error) {
    return isFoyerError(error) ? error.code : String(error);
  }
}

/** What every TopicClient does while its world is fine, and when it is cut and mended. */
export function describeTopicClient(name: string, make: () => Promise<TopicClientPair>): void {
  describe(`TopicClient: ${name}`, () => {
    let pair: TopicClientPair;
    beforeEach(async () => {
      pair = await make();
    });
    afterEach(async () => pair.dispose());
    describeMessages(() => pair);
    describeLosses(() => pair);
  });
}

function describeMessages(here: () => TopicClientPair): void {
  test('a subscription is ready first, then hears what is published, both ways', async () => {
    const { client, other, topic, until } = here();
    for (const [from, to] of [
      [other, client],
      [client, other],
    ] as const) {
      const { told, listener } = record();
      to.subscribe([topic('hello')], listener);
      await until('the subscription', () => told.length > 0);
      await from.publish(topic('hello'), text('{"n":1}'));
      await until('the message', () => told.length > 1);
      expect(told).toEqual(['ready', `${topic('hello')} {"n":1}`]);
    }
  });

  test('a listener hears what its filters match, and nothing else', async () => {
    const { client, other, topic, until } = here();
    const some = record();
    const exact = record();
    client.subscribe([topic('+/accepted'), topic('last')], some.listener);
    client.subscribe([topic('b/rejected')], exact.listener);
    await until('both', () => some.told.length + exact.told.length === 2);
    for (const path of ['a/accepted', 'a/rejected', 'b/rejected', 'b/accepted', 'last']) {
      await other.publish(topic(path), text(path));
    }
    await until('the last', () => some.told.some((line) => line.endsWith('last')));
    await until('the one', () => exact.told.length > 1);
    const heard = (paths: string[]): string[] => [
      'ready',
      ...paths.map((path) => `${topic(path)} ${path}`),
    ];
    expect(some.told.toSorted()).toEqual(heard(['a/accepted', 'b/accepted', 'last']).toSorted());
    expect(exact.told).toEqual(heard(['b/rejected']));
  });

  test('a closed subscription hears nothing more, the others do', async () => {
    const { client, other, topic, until } = here();
    const closed = record();
    const open = record();
    const subscription = client.subscribe([topic('news')], closed.listener);
    client.subscribe([topic('news')], open.listener);
    await until('both', () => closed.told.length + open.told.length === 2);
    subscription.close();
    subscription.close();
    await other.publish(topic('news'), text('x'));
    await until('the news', () => open.told.length === 2);
    expect(closed.told).toEqual(['ready']);
  });

  test('the largest payload arrives whole, a larger one is refused', async () => {
    const { client, other, topic, until } = here();
    const sizes: number[] = [];
    let ready = false;
    other.subscribe([topic('large')], {
      message: (_topic, payload) => sizes.push(payload.byteLength),
      ready: () => (ready = true),
    });
    await until('the subscription', () => ready);
    const tooLarge = client.publish(topic('large'), new Uint8Array(client.maxPayloadBytes + 1));
    expect(await codeOf(tooLarge)).toBe('payload-too-large');
    await client.publish(topic('large'), new Uint8Array(client.maxPayloadBytes));
    await until('the payload', () => sizes.length > 0);
    expect(sizes).toEqual([client.maxPayloadBytes]);
  });
}

function describeLosses(here: () => TopicClientPair): void {
  test('a cut is told, publishing fails meanwhile, and all comes back by itself', async () => {
    const { client, other, topic, until, cut, mend } = here();
    const { told, listener } = record();
    client.subscribe([topic('state')], listener);
    await until('the subscription', () => told.length > 0);
    await cut();
    await until('the loss', () => told.length > 1);
    expect(told).toEqual(['ready', 'lost link-down']);
    const code = await codeOf(client.publish(topic('state'), text('lost')));
    expect(['link-down', 'timeout']).toContain(code);
    await mend();
    await until('the subscription again', () => told.length > 2);
    expect(told.at(-1)).toBe('ready');
    let sent = 'none';
    await until('a message', () => {
      if (sent !== '') {
        sent = '';
        void codeOf(other.publish(topic('state'), text('back'))).then((it) => (sent = it));
      }
      return told.length > 3;
    });
    expect(told.at(-1)).toBe(`${topic('state')} back`);
  });

  test('after closing, also twice, nothing is sent and nothing heard', async () => {
    const { client, topic, until } = here();
    const { told, listener } = record();
    client.subscribe([topic('end')], listener);
    await until('the subscription', () => told.length > 0);
    await Promise.all([client.close(), client.close()]);
    await client.close();
    expect(await codeOf(client.publish(topic('end'), text('x')))).toBe('link-down');
    client.subscribe([topic('end')], listener);
    expect(told).toEqual(['ready']);
  });
}
