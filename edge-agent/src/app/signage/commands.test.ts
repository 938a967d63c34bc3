import { randomUUID } from 'node:crypto';
import { encodeFrame } from '@foyer/cloud-sync/engine';
import type { Message, ScreenCommand, ScreenCommandResult } from '@foyer/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { houseRows, signageRows } from '../testing/house.ts';
import { SimTheatre } from '../testing/sim-theatre.ts';

const nodes = ['theatre', 'gate-1', 'screen-1', 'screen-2'];

let theatre: SimTheatre;

beforeEach(async () => {
  theatre = new SimTheatre();
  theatre.cloud.put(houseRows(nodes, theatre.clock.nowMs()));
  theatre.cloud.put(signageRows(['screen-1', 'screen-2']));
  await theatre.startAll(nodes);
});

afterEach(() => theatre.close());

const ask = (screenId = 'lobby-1'): Omit<ScreenCommand, 'atMs'> => {
  return { commandId: randomUUID(), screenId, kind: 'screenshot' };
};
const resultOf = (command: ScreenCommand, picture: string | null = null): ScreenCommandResult => {
  const { commandId, screenId } = command;
  return { commandId, screenId, ok: true, detail: '', picture, atMs: theatre.clock.nowMs() };
};
const at = (node: string) => theatre.api(node).signage;

test('a command goes to the box of its screen, its answer and picture come back', async () => {
  await theatre.stop('theatre');
  const player = theatre.follow('screen-1');
  const other = theatre.follow('screen-2');
  const command = at('gate-1').sendCommand(ask());
  expect(at('gate-1').command(command.commandId)).toEqual({ command, result: null });
  await theatre.pass(50);
  expect(player.commands).toEqual([command]);
  expect(other.commands).toEqual([]);
  const result = resultOf(command, Buffer.alloc(300_000, 7).toString('base64'));
  at('screen-1').answerCommand(result);
  await theatre.pass(200);
  expect(at('gate-1').command(command.commandId)).toEqual({ command, result });
});

test('a box commands its own screens at once, and no others', () => {
  const player = theatre.follow('screen-1');
  const command = at('screen-1').sendCommand(ask());
  expect(player.commands).toEqual([command]);
  at('screen-1').answerCommand(resultOf(command));
  expect(at('screen-1').command(command.commandId).result?.ok).toBe(true);
  expect(() => at('screen-1').sendCommand(ask('lobby-2'))).toThrow('its own screens');
});

test('a command is carried out once however often it is sent', async () => {
  const player = theatre.follow('screen-1');
  const wanted = ask();
  const first = at('gate-1').sendCommand(wanted);
  await theatre.pass(50);
  expect(at('gate-1').sendCommand(wanted)).toEqual(first);
  const again = encodeFrame({ ...first, type: 'screen-command' });
  theatre.lan.inject('gate-1', 'screen-1', again);
  await theatre.pass(50);
  expect(player.commands).toHaveLength(1);
});

test('an unknown screen, a box that is away, an answer unasked: each is told', async () => {
  expect(() => at('gate-1').sendCommand(ask('lobby-9'))).toThrow('no screen lobby-9');
  await theatre.stop('screen-2');
  await theatre.pass(1500);
  const wanted = ask('lobby-2');
  expect(() => at('gate-1').sendCommand(wanted)).toThrow('screen-2');
  expect(() => at('gate-1').command(wanted.commandId)).toThrow('No such command');
  await theatre.start('screen-2');
  await theatre.pass(3000);
  expect(at('gate-1').sendCommand(wanted).screenId).toBe('lobby-2');
  const unasked = resultOf({ ...ask(), atMs: 0 });
  expect(() => at('screen-1').answerCommand(unasked)).toThrow('Nobody');
});

test('commands are forgotten after five minutes, and beyond thirty-two', async () => {
  const first = at('gate-1').sendCommand(ask());
  for (let n = 0; n < 32; n += 1) at('gate-1').sendCommand(ask());
  expect(() => at('gate-1').command(first.commandId)).toThrow('No such command');
  const last = at('gate-1').sendCommand(ask());
  await theatre.pass(299_000);
  expect(at('gate-1').command(last.commandId).command).toEqual(last);
  await theatre.pass(2000);
  expect(() => at('gate-1').command(last.commandId)).toThrow('No such command');
});

const say = (from: string, to: string, message: Message): void => {
  theatre.lan.inject(from, to, encodeFrame(message));
};

test('a box takes no command from another; an answer counts from its own box only', async () => {
  const player = theatre.follow('screen-1');
  say('screen-2', 'screen-1', { ...ask(), atMs: 1, type: 'screen-command' });
  expect(player.commands).toEqual([]);
  const command = at('gate-1').sendCommand(ask());
  await theatre.pass(50);
  say('screen-2', 'gate-1', { ...resultOf(command), type: 'screen-command-result' });
  expect(at('gate-1').command(command.commandId).result).toBeNull();
  const text = await theatre.api('gate-1').metrics.text();
  const refused = 'foyer_refused_messages_total{reason="not-asked",type="screen-command-result"}';
  expect(text).toContain(`${refused} 1`);
});
