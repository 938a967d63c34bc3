import type { Play } from '@foyer/contracts';
import { afterEach, expect, test, vi } from 'vitest';

import { PlayQueue } from './play-queue.ts';
import { Plays } from './plays.ts';

class Storage {
  readonly kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, text: string): void {
    this.kept.set(key, text);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

const start = {
  itemId: 'film',
  campaignId: 'all',
  decisionId: null,
  programmeHash: 'a'.repeat(64),
  startedAtMs: 1000,
};

/** A player that takes plays, or is away. */
function makePlayer() {
  const told: Play[] = [];
  const player = {
    told,
    away: false,
    post: async (plays: Play[]) => {
      if (player.away) throw new Error('away');
      told.push(...plays);
      return plays.length;
    },
  };
  return player;
}

afterEach(() => vi.useRealTimers());

test('a start and an end are told under one id', async () => {
  const player = makePlayer();
  const queue = new PlayQueue('lobby-1', null, player.post);
  const plays = new Plays('lobby-1', queue, null);
  plays.start(start);
  await queue.drained(1000);
  plays.sampled('matched');
  plays.end(4000, 'complete');
  await queue.drained(1000);
  expect(
    player.told.map(({ endedAtMs, outcome, display }) => [endedAtMs, outcome, display]),
  ).toEqual([
    [null, 'playing', 'unsampled'],
    [4000, 'complete', 'matched'],
  ]);
  expect(new Set(player.told.map(({ playId }) => playId)).size).toBe(1);
  queue.close();
});

test('what the player did not take survives the page, and is told by the next one', async () => {
  vi.useFakeTimers();
  const storage = new Storage();
  const player = makePlayer();
  player.away = true;
  const first = new PlayQueue('lobby-1', storage, player.post);
  const plays = new Plays('lobby-1', first, storage);
  plays.start(start);
  await vi.advanceTimersByTimeAsync(2000);
  plays.end(4000, 'complete');
  plays.start({ ...start, itemId: 'next', startedAtMs: 4000 });
  plays.tick(9500);
  first.keep();
  first.close();
  player.away = false;
  const second = new PlayQueue('lobby-1', storage, player.post);
  new Plays('lobby-1', second, storage);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(second.size).toBe(0);
  const ends = player.told.filter(({ endedAtMs }) => endedAtMs !== null);
  expect(ends.map(({ itemId, endedAtMs, outcome }) => [itemId, endedAtMs, outcome])).toEqual([
    ['film', 4000, 'complete'],
    ['next', 9500, 'cut'],
  ]);
  expect(storage.kept.size).toBe(0);
});

test('the queue is bounded: the oldest go, and are counted', () => {
  const player = makePlayer();
  player.away = true;
  const queue = new PlayQueue('lobby-1', null, player.post);
  for (let turn = 0; turn < 6000; turn += 1)
    queue.add({
      ...start,
      playId: crypto.randomUUID(),
      screenId: 'lobby-1',
      endedAtMs: 1,
      outcome: 'cut',
      display: 'unsampled',
    });
  expect(queue.size).toBe(5000);
  expect(queue.dropped).toBe(1000);
  queue.close();
});
