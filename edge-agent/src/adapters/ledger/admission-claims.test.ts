import { afterEach, expect, it } from 'vitest';
import { codeOf, ticketIdOf, ticketRow } from './testing/house.ts';
import { TestTheatre } from './testing/theatre.ts';

let theatre: TestTheatre;

afterEach(() => {
  theatre.close();
});

async function opened(gates: number, seed = 1): Promise<TestTheatre> {
  theatre = new TestTheatre({ gates, seed });
  for (let serial = 1; serial <= 9; serial += 1) {
    const ticketId = ticketIdOf(serial);
    theatre.house.tickets.set(ticketId, ticketRow(ticketId));
  }
  await theatre.open();
  return theatre;
}

it('decides alone where there is one gate', async () => {
  const { all } = await opened(1).then((made) => ({ all: made.all.bind(made) }));
  const [first] = await all([theatre.gate(1).scan({ text: codeOf(ticketIdOf(1)) })]);
  expect(first).toMatchObject({ colour: 'green', reason: 'admitted', flags: [] });
  const [second] = await all([theatre.gate(1).scan({ text: codeOf(ticketIdOf(1)) })]);
  expect(second).toMatchObject({ colour: 'red', reason: 'already-admitted' });
});

it('admits with two of three votes, and every other gate knows of it', async () => {
  await opened(4);
  const [green] = await theatre.all([theatre.gate(2).scan({ text: codeOf(ticketIdOf(1)) })]);
  expect(green).toMatchObject({ colour: 'green', reason: 'admitted', flags: [] });
  const admission = theatre.gate(2).events('ledger')[0]?.body;
  expect(admission).toMatchObject({ kind: 'admission', votes: [expect.any(String), expect.any(String)] });
  await theatre.settle(50);
  for (const gate of [1, 2, 3, 4]) {
    const [again] = await theatre.all([theatre.gate(gate).scan({ text: codeOf(ticketIdOf(1)) })]);
    expect(again).toMatchObject({
      colour: 'red',
      reason: 'already-admitted',
      message: 'Admitted at Gate 2, 13:00',
    });
  }
});
