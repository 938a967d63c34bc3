import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { frameResultSchema, problemSchema } from '@foyer/contracts';
import type { Verdict } from '@foyer/contracts';
import { nodeClock, nodeRandom, silentLogger } from '@foyer/platform/node';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { scannerConfigSchema } from './config.ts';
import { startScanner } from './scanner.ts';
import type { RunningScanner } from './scanner.ts';
import { drawCode } from './testing/code-picture.ts';
import { bundleWorker } from './testing/worker-bundle.ts';
import type { WorkerBundle } from './testing/worker-bundle.ts';

const text = 'F1:HELLO GATE ';

interface Asked {
  readonly scanId: string;
  readonly text: string;
}

// An agent that says green; while `failures` lasts it fails instead.
class PuppetAgent {
  readonly asked: Asked[] = [];
  failures = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const asked = JSON.parse(Buffer.concat(parts).toString()) as Asked;
        this.asked.push(asked);
        this.failures -= 1;
        const failing = this.failures >= 0;
        response.writeHead(failing ? 503 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(failing ? {} : this.#green(asked.scanId)));
      });
    });
  }

  #green(scanId: string): Verdict {
    const cursor = { seq: 1, ageMs: 0 };
    const message = 'Screen 5';
    return { scanId, colour: 'green', reason: 'admitted', message, flags: [], cursor, atMs: 1 };
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
      });
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

let bundle: WorkerBundle;
let agent: PuppetAgent;
let agentUrl: string;
let scanner: RunningScanner | undefined;

beforeAll(async () => {
  bundle = await bundleWorker();
  agent = new PuppetAgent();
  agentUrl = await agent.listen();
});

afterEach(async () => {
  await scanner?.close();
  scanner = undefined;
  agent.asked.length = 0;
  agent.failures = 0;
});

afterAll(async () => {
  agent.close();
  await bundle.remove();
});

async function start(settings: object): Promise<void> {
  const config = scannerConfigSchema.parse({ agentUrl, ...settings });
  scanner = await startScanner(config, {
    clock: nodeClock(),
    random: nodeRandom(),
    logger: silentLogger(),
    workerUrl: bundle.workerUrl,
  });
}

const post = (body: Uint8Array, headers: Record<string, string>): Promise<Response> =>
  fetch(`http://127.0.0.1:${scanner?.port}/v1/frames`, { method: 'POST', body, headers });

async function postCode(camera: string) {
  const { data, width, height } = await drawCode(text);
  const response = await post(data, {
    'content-type': 'application/octet-stream',
    'x-frame-width': String(width),
    'x-frame-height': String(height),
    'x-camera': camera,
  });
  expect(response.status).toBe(200);
  return frameResultSchema.parse(await response.json());
}

describe('the scanner', () => {
  it('answers a raw frame with its text, untrimmed, and the verdict of the agent', async () => {
    await start({});
    const result = await postCode('left');
    expect(result).toMatchObject({ texts: [text], verdict: { colour: 'green' } });
    expect(agent.asked.map((asked) => asked.text)).toEqual([text]);
    expect(result.verdict?.scanId).toBe(agent.asked[0]?.scanId);
  });

  it('makes one scan of a code that is seen again, and another at another camera', async () => {
    await start({});
    await postCode('left');
    const again = await postCode('left');
    expect(again).toMatchObject({ texts: [text], verdict: null });
    expect((await postCode('right')).verdict).not.toBeNull();
    expect(agent.asked).toHaveLength(2);
  });

  it('reads a PNG, and says of a picture without a code that there is none', async () => {
    await start({});
    const { data, width, height } = await drawCode(text);
    const raw = { raw: { width, height, channels: 1 } } as const;
    const png = await sharp(data, raw).png().toBuffer();
    const white = await sharp(data.fill(255), raw).png().toBuffer();
    const headers = { 'content-type': 'image/png' };
    expect(await (await post(png, headers)).json()).toMatchObject({ texts: [text] });
    expect(await (await post(white, headers)).json()).toMatchObject({ texts: [], verdict: null });
  });

  it('asks an agent that fails again, with the same scanId', async () => {
    await start({});
    agent.failures = 2;
    const result = await postCode('left');
    expect(result.verdict?.colour).toBe('green');
    expect(agent.asked).toHaveLength(3);
    expect(new Set(agent.asked.map((asked) => asked.scanId)).size).toBe(1);
  });
});

describe('the scanner, when something is wrong,', () => {
  it('gives up on an agent that stays away, and scans the code at its next sight', async () => {
    await start({ agentGiveUpAfterMs: 0 });
    agent.failures = 1;
    const { data, width, height } = await drawCode(text);
    const headers = {
      'content-type': 'application/octet-stream',
      'x-frame-width': String(width),
      'x-frame-height': String(height),
      'x-camera': 'left',
    };
    const refused = await post(data, headers);
    expect(refused.status).toBe(503);
    expect(problemSchema.parse(await refused.json()).code).toBe('link-down');
    expect((await postCode('left')).verdict?.colour).toBe('green');
  });

  it('answers no page of elsewhere, and listens on this box only', async () => {
    await start({});
    const headers = { 'content-type': 'image/png', origin: 'https://example.org' };
    const response = await post(new Uint8Array(1), headers);
    expect(response.status).toBe(403);
    expect(problemSchema.parse(await response.json()).code).toBe('identity-refused');
    const listen = { host: '0.0.0.0', port: 0 };
    expect(scannerConfigSchema.safeParse({ listen }).success).toBe(false);
  });

  it('refuses bodies over its bound, damaged images and raw frames of another size', async () => {
    await start({ maxBodyBytes: 4_096 });
    const cases = [
      { body: new Uint8Array(4_097), type: 'image/png', status: 413, code: 'body-too-large' },
      { body: new Uint8Array(100), type: 'image/png', status: 422, code: 'image-unreadable' },
      {
        body: new Uint8Array(100),
        type: 'application/octet-stream',
        status: 422,
        code: 'image-unreadable',
      },
    ];
    for (const { body, type, status, code } of cases) {
      const headers = { 'content-type': type, 'x-frame-width': '9', 'x-frame-height': '9' };
      const response = await post(body, headers);
      expect(response.status).toBe(status);
      expect(problemSchema.parse(await response.json())).toMatchObject({ code });
    }
  });
});

describe('the scanner, for its operator,', () => {
  it('serves its health and its counters', async () => {
    await start({});
    await postCode('left');
    const base = `http://127.0.0.1:${scanner?.port}`;
    expect(await (await fetch(`${base}/healthz`)).json()).toEqual({ ok: true });
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toContain('foyer_scanner_scans_total 1');
  });
});
