import { getEventListeners } from 'node:events';

import { waitFor } from '@foyer/platform/testing';
import { expect, test } from 'vitest';

import { QuietLimit } from './quiet-limit.ts';

test('it ends with the other, or after a quiet while, and leaves nothing behind', async () => {
  const other = new AbortController();
  const quiet = new QuietLimit(other.signal, 20);
  await waitFor('the quiet to end it', () => quiet.signal.aborted);
  quiet.end();
  const moving = new QuietLimit(other.signal, 60_000);
  moving.moved();
  expect(moving.signal.aborted).toBe(false);
  other.abort();
  expect(moving.signal.aborted).toBe(true);
  moving.end();
  const late = new QuietLimit(other.signal, 60_000);
  expect(late.signal.aborted).toBe(true);
  late.end();
});

test('ten thousand requests leave no listener on a signal that lives on', () => {
  const { signal } = new AbortController();
  for (let n = 0; n < 10_000; n += 1) new QuietLimit(signal, 60_000).end();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
