import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { Component, loadIpcSdk } from '@foyer/platform/greengrass';
import { nodeClock, nodeRandom, silentLogger } from '@foyer/platform/node';
import { makeTempDir, startAedes, waitFor } from '@foyer/platform/testing';
import { afterEach, describe, expect, test } from 'vitest';

import type { NucleusKind } from './behaviour.ts';
import { NucleusServices } from './services.ts';

const name = 'com.foyer.EdgeAgent';
const common = { clock: nodeClock(), random: nodeRandom(), logger: silentLogger() };

const endings: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function nucleusOf(kind: NucleusKind) {
  const broker = await startAedes();
  endings.push(() => broker.stop());
  const dir = makeTempDir('component');
  endings.push(() => rmSync(dir, { recursive: true, force: true }));
  const socketPath = join(dir, 'ipc.socket');
  const nucleus = new NucleusServices({
    kind,
    socketPath,
    thingName: 'box',
    brokerUrl: broker.url,
    logger: common.logger,
  });
  await nucleus.start();
  endings.push(() => nucleus.close());
  nucleus.configurations.set(name, { node: 'gate-1', log: { level: 'info' } });
  const options = {
    ...common,
    sdk: await loadIpcSdk(),
    socketPath,
    name,
    workDir: join(dir, 'work'),
    callTimeoutMs: 500,
    rereadMs: 300,
  };
  const start = async (): Promise<Component> => {
    const component = await Component.start({ ...options, token: nucleus.admit(name) });
    endings.push(() => component.close());
    return component;
  };
  return { nucleus, start };
}

/** What the program was told. */
function follow(component: Component, busy: () => boolean = () => false) {
  const told: unknown[] = [];
  let renewals = 0;
  component.running({
    configured: (configuration) => told.push(configuration),
    busy,
    mayEnd: () => !busy(),
    renew: () => (renewals += 1),
  });
  return { told, renewals: () => renewals };
}

describe.each(['classic', 'lite'] as const)('under a %s nucleus', (kind) => {
  test('it is configured, says that it runs, and hears of changes', async () => {
    const { nucleus, start } = await nucleusOf(kind);
    const component = await start();
    expect(component.kind).toBe(kind);
    expect(component.configuration).toEqual({ node: 'gate-1', log: { level: 'info' } });
    const { told } = follow(component);
    await waitFor('RUNNING', () => nucleus.lifecycle.states.get(name) === 'RUNNING');
    nucleus.configurations.update(name, { log: { level: 'debug' } });
    await waitFor('the change', () => told.length > 0);
    expect(told).toEqual([{ node: 'gate-1', log: { level: 'debug' } }]);
  });

  test('a change whose news is lost with a daemon is found all the same', async () => {
    const { nucleus, start } = await nucleusOf(kind);
    const { told } = follow(await start());
    await nucleus.restartDaemons();
    nucleus.configurations.update(name, { log: { level: 'warn' } });
    await waitFor('the change', () => told.length > 0);
  });

  test('a nucleus that hangs does not keep it from starting as it was configured', async () => {
    const { nucleus, start } = await nucleusOf(kind);
    (await start()).close();
    nucleus.server.hung = true;
    const component = await start();
    expect(component.configuration).toMatchObject({ node: 'gate-1' });
    expect(component.kind).toBe('lite');
  });
});

test('without any configuration ever it does not start', async () => {
  const { nucleus, start } = await nucleusOf('lite');
  nucleus.server.hung = true;
  await expect(start()).rejects.toMatchObject({ code: 'timeout' });
});

test('an update waits while guests are let in, and comes when they are in', async () => {
  const { nucleus, start } = await nucleusOf('classic');
  const component = await start();
  let busy = true;
  follow(component, () => busy);
  nucleus.lifecycle.announce('deployment-1');
  const { deferrals } = nucleus.lifecycle;
  await waitFor('the answer', () => deferrals.length > 0);
  expect(deferrals[0]?.recheckAfterMs).toBeGreaterThan(0);
  busy = false;
  nucleus.lifecycle.announce('deployment-1');
  await waitFor('the next', () => deferrals.length > 1);
  expect(deferrals[1]?.recheckAfterMs).toBe(0);
});

test('a forgotten token asks for one new start an hour, and never while busy', async () => {
  const { nucleus, start } = await nucleusOf('classic');
  let busy = true;
  const first = follow(await start(), () => busy);
  await nucleus.stopIpc();
  await nucleus.start();
  await waitFor('a busy moment', () => nucleus.server.refused > 1);
  expect(first.renewals()).toBe(0);
  busy = false;
  await waitFor('the renewal', () => first.renewals() > 0);
  const second = follow(await start());
  await nucleus.stopIpc();
  await nucleus.start();
  const before = nucleus.server.refused;
  await waitFor('more refusals', () => nucleus.server.refused > before + 2);
  expect(second.renewals()).toBe(0);
});
