import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { nodeClock } from '@foyer/platform/node';
import { simLogger } from '@foyer/platform/sim';
import { makeTempDir, removeTempDir, waitFor } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { playerConfigSchema } from '../config.ts';
import { PanelWatch } from './panel-watch.ts';
import { runCommand } from './run-command.ts';

let dir: string;
let panels: PanelWatch | null = null;
let faults: string[];

beforeEach(() => {
  dir = makeTempDir('panel');
  faults = [];
  writeFileSync(join(dir, 'on'), 'VCP D6 SNC x01\n');
  writeFileSync(join(dir, 'off'), 'VCP D6 SNC x05\n');
});

afterEach(() => {
  panels?.close();
  panels = null;
  removeTempDir(dir);
});

/** A panel whose state is a file: what `ddcutil getvcp d6 --brief` prints. */
function panel(change: object = {}): PanelWatch {
  const file = (name: string): string => join(dir, name);
  const config = playerConfigSchema.parse({
    agentUrl: 'http://127.0.0.1:1',
    mediaUrls: ['http://127.0.0.1:1'],
    dataDir: dir,
    panels: [
      {
        screenId: 'lobby-1',
        readCommand: ['cat', file('now')],
        onCommand: ['cp', file('on'), file('now')],
        offCommand: ['cp', file('off'), file('now')],
        everyS: 1,
        ...change,
      },
    ],
  });
  panels = new PanelWatch({
    panels: config.panels,
    clock: nodeClock(),
    logger: simLogger(),
    timeoutMs: 5000,
    onChange: () => undefined,
    onFault: (_screenId, code) => void faults.push(code),
  });
  panels.start();
  return panels;
}

const set = (to: 'on' | 'off'): void =>
  writeFileSync(join(dir, 'now'), readFileSync(join(dir, to)));

const reads = (watch: PanelWatch, power: string): Promise<void> =>
  waitFor(`the panel to be ${power}`, () => watch.power('lobby-1') === power);

test('standby switches the panel off, anything else on again', async () => {
  set('on');
  const watch = panel();
  await reads(watch, 'on');
  watch.want('lobby-1', 'off');
  await reads(watch, 'off');
  watch.want('lobby-1', 'on');
  await reads(watch, 'on');
  expect(faults).toEqual([]);
});

test('a panel that somebody switched off is a fault, and is switched on again', async () => {
  set('on');
  const watch = panel();
  watch.want('lobby-1', 'on');
  await reads(watch, 'on');
  set('off');
  await waitFor('the fault', () => faults.includes('panel-off'));
  await reads(watch, 'on');
});

test('a person’s command holds until the schedule wants something else', async () => {
  set('on');
  const watch = panel();
  watch.want('lobby-1', 'on');
  expect(await watch.order('lobby-1', 'off')).toMatchObject({ ok: true });
  await reads(watch, 'off');
  watch.want('lobby-1', 'on');
  expect(watch.power('lobby-1')).toBe('off');
  expect(faults).toEqual([]);
});

test('what cannot be read is unknown, and a screen without a panel says so', async () => {
  const watch = panel({ readCommand: ['cat', join(dir, 'missing')], onCommand: undefined });
  expect(watch.power('lobby-1')).toBe('unknown');
  expect(await watch.order('lobby-1', 'on')).toMatchObject({ ok: false });
  expect(await watch.order('door-3', 'on')).toMatchObject({ ok: false });
});

test('a command that hangs is killed, and one that is missing is told', async () => {
  const hung = await runCommand(['sleep', '60'], 200);
  expect(hung).toMatchObject({ ok: false });
  const missing = await runCommand(['/nowhere/program'], 200);
  expect(missing.detail).toContain('ENOENT');
  const injected = await runCommand(['echo', `; touch ${join(dir, 'pwned')}`], 5000);
  expect(injected.ok).toBe(true);
  expect(existsSync(join(dir, 'pwned'))).toBe(false);
});
