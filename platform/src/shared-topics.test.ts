import { expect, test } from 'vitest';

import { sharedTopics } from './shared-topics.ts';
import type { TopicClient } from './topic-client.ts';

function begin() {
  const log: string[] = [];
  const open = (): TopicClient => {
    log.push('open');
    return {
      maxPayloadBytes: 100,
      publish: () => Promise.resolve(),
      subscribe: ([filter]) => {
        log.push(`subscribe ${filter}`);
        return { close: () => log.push(`end ${filter}`) };
      },
      close: () => {
        log.push('close');
        return Promise.resolve();
      },
    };
  };
  return { log, view: sharedTopics(open) };
}

test('the connection is opened with the first view and closed with the last', async () => {
  const { log, view } = begin();
  const [one, other] = [view(), view()];
  await one.close();
  await one.close();
  expect(log).toEqual(['open']);
  await other.close();
  expect(log).toEqual(['open', 'close']);
  await view().close();
  expect(log).toEqual(['open', 'close', 'open', 'close']);
});

test('closing a view ends its own subscriptions, and no others', async () => {
  const { log, view } = begin();
  const [one, other] = [view(), view()];
  one.subscribe(['a'], { message() {} });
  other.subscribe(['b'], { message() {} });
  await one.close();
  expect(log).toEqual(['open', 'subscribe a', 'subscribe b', 'end a']);
});
