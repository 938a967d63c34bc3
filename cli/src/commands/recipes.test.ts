import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { buildComponents, type BuildManifest, type Platform } from '@foyer/greengrass-recipes';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { encodeJpeg, renderFrame } from '@foyer/simulators';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { Packaged } from '../benches/components/packaged.ts';
import { gateAgentConfig, playerConfig, scannerConfig } from '../benches/components/settings.ts';

// A component needs nothing but its recipe, its zip and a configuration: each is unpacked where no
// installation is, and run by its recipe's script with an environment of PATH alone.

const buildTimeoutMs = 300_000;

let dir = '';
let manifest: BuildManifest;
const packages: Packaged[] = [];

const outDir = (): string => join(dir, 'out');

function packaged(name: string): Packaged {
  const component = manifest.components.find((one) => one.name === name);
  if (component === undefined) throw new Error(`${name} was not built`);
  const box = join(dir, `box-${packages.length}`);
  const made = new Packaged(component, outDir(), box);
  packages.push(made);
  return made;
}

async function startAgent() {
  const certificates = join(dir, `certificates-${packages.length}`);
  mkdirSync(certificates);
  const config = await gateAgentConfig(certificates);
  return packaged('com.foyer.EdgeAgent').start(config);
}

beforeAll(async () => {
  dir = makeTempDir('components-run');
  mkdirSync(outDir());
  const platform = process.arch as Platform;
  manifest = await buildComponents({ version: '1.2.3', outDir: outDir(), platforms: [platform] });
}, buildTimeoutMs);

afterEach(() => {
  for (const one of packages) one.kill();
});

afterAll(() => removeTempDir(dir));

test('the install step of each component is content here, however often it runs', async () => {
  for (const { name } of manifest.components) {
    const component = packaged(name);
    expect(await component.install()).toEqual({ code: 0, said: '' });
    expect(await component.install()).toEqual({ code: 0, said: '' });
  }
});

test("the agent serves, keeps its data in the component's work directory, and ends", async () => {
  const agent = await startAgent();
  const status = await fetch(`http://127.0.0.1:${agent.port}/v1/status`);
  expect(await status.json()).toMatchObject({ node: 'gate-1', role: 'gate' });
  const { code } = await packages[packages.length - 1]!.shell('test -s "{work:path}/data/gate.db"');
  expect(code).toBe(0);
  expect(await agent.stop()).toBe(0);
});

test('the scanner reads a JPEG and asks the agent beside it', async () => {
  const agent = await startAgent();
  const scanner = await packaged('com.foyer.Scanner').start(scannerConfig(agent.port));
  const text = 'F1:NOT A TICKET OF OURS';
  const frame = renderFrame({ text, condition: 'clean', seed: 1 });
  const response = await fetch(`http://127.0.0.1:${scanner.port}/v1/frames`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg' },
    body: new Uint8Array(await encodeJpeg(frame)),
  });
  expect(await response.json()).toMatchObject({ verdict: { colour: 'red' } });
  expect(await scanner.stop()).toBe(0);
});

test("the player serves a screen's page with its script", async () => {
  const agent = await startAgent();
  const player = await packaged('com.foyer.SignagePlayer').start(playerConfig(agent.port));
  const page = await fetch(`http://127.0.0.1:${player.port}/screens/lobby-1`);
  const html = await page.text();
  const script = /src="([^"]+)"/.exec(html)?.[1] ?? '';
  const source = await fetch(new URL(script, page.url));
  expect(source.status).toBe(200);
  expect((await source.text()).length).toBeGreaterThan(10_000);
  expect(await player.stop()).toBe(0);
});
