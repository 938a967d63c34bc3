import { expect, test } from 'vitest';

import { minimise } from './minimise.ts';

const endless = { tries: 10_000, untilMs: Number.POSITIVE_INFINITY };
const has = (part: string) => (input: Uint8Array) =>
  Promise.resolve(Buffer.from(input).includes(part));

test('what does not matter is left out, wherever it stands', async () => {
  const input = Buffer.from(`${'x'.repeat(300)}BO${'y'.repeat(77)}`);
  expect(Buffer.from(await minimise(input, has('BO'), endless)).toString()).toBe('BO');
});

test('an input that is as small as it gets stays', async () => {
  const input = Buffer.from('BO');
  expect(await minimise(input, has('BO'), endless)).toEqual(input);
});

test('it ends with its budget, with the best so far', async () => {
  let tries = 0;
  const fails = (input: Uint8Array): Promise<boolean> => {
    tries += 1;
    return has('!')(input);
  };
  const input = Buffer.from(`${'x'.repeat(1000)}!`);
  const small = await minimise(input, fails, { ...endless, tries: 3 });
  expect(tries).toBe(3);
  expect(small.length).toBeLessThan(input.length);
  expect(Buffer.from(small).includes('!')).toBe(true);
});
