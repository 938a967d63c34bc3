import { waitFor } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { testFile, testProgramme } from './testing/house.ts';
import { Stand } from './testing/stand.ts';

let stand: Stand;

beforeEach(async () => {
  stand = await Stand.start();
});

afterEach(async () => {
  await stand.close();
});

const one = testFile('one');
const two = testFile('two', 300_000);

test('a programme reaches the page once its files are here, with live state at once', async () => {
  stand.media.add(one, two);
  stand.agent.programme = testProgramme([one, two]);
  await stand.startPlayer();
  const page = await stand.page();
  await waitFor('the programme', () => page.programmes.length > 0);
  const { programme, ready, mediaBase } = page.programmes[0] ?? {};
  expect(programme?.hash).toBe(stand.agent.programme.hash);
  expect(ready?.toSorted()).toEqual([one.sha256, two.sha256].toSorted());
  const file = await fetch(`${stand.url}${mediaBase}/${two.sha256}`);
  expect(Buffer.from(await file.arrayBuffer()).equals(two.bytes)).toBe(true);
  stand.agent.tellLive({ admitted: { 7: { count: 3, atMs: 1 } } });
  await waitFor('the live state', () => page.lives.at(-1)?.live.admitted[7]?.count === 3);
});
