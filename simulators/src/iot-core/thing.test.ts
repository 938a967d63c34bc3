import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { thingName } from '@foyer/contracts';
import {
  agentMigrations,
  openControl,
  operations,
  Thing,
  type ControlStore,
  type OperationDeps,
} from '@foyer/edge-agent/app';
import type { Clock } from '@foyer/platform';
import { iotCoreClient, loadIotSdk, type IotSdk } from '@foyer/platform/iot-core';
import { nodeClock } from '@foyer/platform/node';
import { SimDisk, simLogger } from '@foyer/platform/sim';
import {
  issueMqttClient,
  makeTempDir,
  makeTestCa,
  removeTempDir,
  waitFor,
} from '@foyer/platform/testing';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Execution } from './job-queue.ts';
import type { IotPolicy } from './policy.ts';
import { startIotCore, type IotCore } from './stand-in.ts';

const ca = makeTestCa('iot core');
const endpointTls = ca.issue('localhost', 'foyer');
const name = thingName(7, 'gate-1');
const tls = issueMqttClient(ca, name);

const arn = (resource: string): string => `arn:aws:iot:eu-west-1:123456789012:${resource}`;
const own = ['shadow/*', 'jobs/*'].map((path) => `$aws/things/${name}/${path}`);
const policy: IotPolicy = {
  Statement: [
    { Effect: 'Allow', Action: 'iot:Connect', Resource: arn(`client/${name}#*`) },
    {
      Effect: 'Allow',
      Action: ['iot:Publish', 'iot:Receive'],
      Resource: own.map((topic) => arn(`topic/${topic}`)),
    },
    {
      Effect: 'Allow',
      Action: 'iot:Subscribe',
      Resource: own.map((topic) => arn(`topicfilter/${topic}`)),
    },
  ],
};

/** Twenty times as fast as the machine's. */
function fastClock(): Clock {
  const clock = nodeClock();
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs() * 20,
    setTimer: (timer, delayMs, fire) => clock.setTimer(timer, delayMs / 20, fire),
  };
}

let sdk: IotSdk;
let core: IotCore;
let disk: SimDisk;
let store: ControlStore;
let machineBoot: string;
let programme: string | null;
const endings: (() => Promise<void>)[] = [];

beforeAll(async () => {
  sdk = await loadIotSdk();
});
beforeEach(async () => {
  core = await startIotCore({
    tls: endpointTls,
    certificates: [{ certificate: tls.cert, thing: name, policies: [policy] }],
  });
  endings.push(() => core.stop());
  disk = new SimDisk({ migrations: agentMigrations });
  endings.push(() => Promise.resolve(disk.destroy()));
  store = openControl(disk.open());
  machineBoot = 'boot-1';
  programme = null;
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

function startThing(change: Partial<OperationDeps> = {}): Thing {
  const topics = iotCoreClient({
    ...{ sdk, host: core.host, port: core.port, clientId: `${name}#link` },
    proof: () => ({ kind: 'x509', tls }),
    backoff: { baseMs: 20, capMs: 100 },
  });
  const started = new Thing({
    ...{ topics, thing: name, store, machineBoot },
    clock: fastClock(),
    logger: simLogger(),
    own: () => ({ software: '1.2.3', config: 'c0ffee', programme, mode: store.mode() }),
    apply: ({ mode }) => {
      if (mode !== undefined) store.setMode(mode);
    },
    run: operations({
      role: 'gate',
      setMode: (mode) => store.setMode(mode),
      logs: () => '{"event":"x"}\n',
      logHosts: ['amazonaws.com'],
      rebootCommand: ['true'],
      makeKey: () => Promise.resolve('-----BEGIN CERTIFICATE REQUEST-----'),
      installCertificate() {},
      ...change,
    }),
  });
  endings.push(() => started.close());
  started.start();
  return started;
}

const reported = () => core.shadows.get(name, 'foyer')?.reported;
const statusOf = (jobId: string) => core.jobs.execution(name, jobId)?.status;
async function finished(jobId: string): Promise<Execution | null> {
  const isOver = () => ['SUCCEEDED', 'FAILED', 'REJECTED'].includes(statusOf(jobId) ?? '');
  await waitFor(`the end of ${jobId}`, isOver);
  return core.jobs.execution(name, jobId);
}

test('a node reports what it is like, and again when that changed', async () => {
  startThing();
  const first = { software: '1.2.3', config: 'c0ffee', mode: 'open' };
  await waitFor('a report', () => reported() !== undefined);
  expect(reported()).toEqual(first);
  programme = 'a1b2';
  await waitFor('another', () => reported()?.['programme'] === 'a1b2');
  expect(core.shadows.get(name, 'foyer')?.version).toBe(2);
  programme = null;
  await waitFor('a third', () => reported()?.['programme'] === undefined);
  expect(reported()).toEqual(first);
});

test('what is desired is applied and reported, also when it was asked for meanwhile', async () => {
  core.shadows.desire(name, 'foyer', { mode: 'closed', unknown: { to: 'us' } });
  startThing();
  await waitFor('the report', () => reported()?.['mode'] === 'closed');
  expect(store.mode()).toBe('closed');
  core.shadows.desire(name, 'foyer', { mode: 'open' });
  await waitFor('the next', () => reported()?.['mode'] === 'open');
});

test('an update that lost against another is made anew', async () => {
  startThing();
  await waitFor('a report', () => reported() !== undefined);
  // Nothing is told of a change without a difference, so that the node's version is an old one.
  core.shadows.desire(name, 'foyer', { mode: 'open' });
  programme = 'a1b2';
  await waitFor('the report', () => reported()?.['programme'] === 'a1b2');
});

test('a job switches the gate, and overrules what was desired before', async () => {
  core.shadows.desire(name, 'foyer', { mode: 'open' });
  startThing();
  await waitFor('a report', () => reported() !== undefined);
  core.jobs.create(name, 'close', { operation: 'switch-gate', mode: 'closed' });
  expect((await finished('close'))?.statusDetails).toEqual({
    operation: 'switch-gate',
    mode: 'closed',
  });
  await waitFor('the shadow', () => reported()?.['mode'] === 'closed');
  expect(core.shadows.get(name, 'foyer')?.desired).toEqual({ mode: 'closed' });
  expect(store.mode()).toBe('closed');
});

test('jobs are done one after the other; one that is not understood is rejected', async () => {
  core.jobs.create(name, 'a', { operation: 'format-disk' });
  core.jobs.create(name, 'b', { operation: 'switch-gate', mode: 'open' });
  core.jobs.create(name, 'c', { operation: 'collect-logs', uploadUrl: 'https://evil.example/x' });
  startThing();
  await finished('c');
  expect(['a', 'b', 'c'].map(statusOf)).toEqual(['REJECTED', 'SUCCEEDED', 'REJECTED']);
});

test('a reboot succeeds when the machine is back, and is done once', async () => {
  const dir = makeTempDir('reboots');
  endings.push(() => Promise.resolve(removeTempDir(dir)));
  const count = { rebootCommand: ['mktemp', join(dir, 'rebootXXXX')] };
  const reboots = (): number => readdirSync(dir).length;
  const before = startThing(count);
  core.jobs.create(name, 'again', { operation: 'reboot' });
  await waitFor('the reboot', () => reboots() > 0);
  await before.close();
  store = openControl(disk.reopen());
  machineBoot = 'boot-2';
  startThing(count);
  expect((await finished('again'))?.status).toBe('SUCCEEDED');
  expect(reboots()).toBe(1);
});

test('a program that started anew without its machine says that the reboot failed', async () => {
  const before = startThing();
  core.jobs.create(name, 'again', { operation: 'reboot' });
  await waitFor('the record', () => store.job() !== null);
  await before.close();
  store = openControl(disk.reopen());
  startThing();
  expect((await finished('again'))?.statusDetails).toEqual({
    reason: 'the machine did not restart',
  });
});

test('a job that ended while IoT Core was away is told later, and not done again', async () => {
  let runs = 0;
  let end: (csr: string) => void = () => {};
  startThing({
    makeKey: () => {
      runs += 1;
      return new Promise((resolve) => (end = resolve));
    },
  });
  core.jobs.create(name, 'keys', { operation: 'rotate-keys' });
  await waitFor('the operation', () => runs > 0);
  await core.cut();
  end('csr');
  await waitFor('its end', () => store.job()?.outcome !== null);
  await core.mend();
  expect((await finished('keys'))?.statusDetails).toEqual({ operation: 'rotate-keys', csr: 'csr' });
  expect(runs).toBe(1);
});

test('a job that was cancelled meanwhile does not block the next', async () => {
  let end: (csr: string) => void = () => {};
  startThing({ makeKey: () => new Promise((resolve) => (end = resolve)) });
  core.jobs.create(name, 'keys', { operation: 'rotate-keys' });
  await waitFor('it', () => statusOf('keys') === 'IN_PROGRESS');
  core.jobs.end(name, 'keys', 'CANCELED');
  core.jobs.create(name, 'open', { operation: 'switch-gate', mode: 'open' });
  end('csr');
  expect((await finished('open'))?.status).toBe('SUCCEEDED');
  expect(statusOf('keys')).toBe('CANCELED');
});
