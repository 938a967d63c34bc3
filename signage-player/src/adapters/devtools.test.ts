import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { waitFor } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { startChromium } from '../testing/chromium.ts';
import type { TestChromium } from '../testing/chromium.ts';
import { DevTools } from './devtools.ts';

let server: Server;
let chromium: TestChromium | null = null;
const asked: string[] = [];
/** What the page at every path is. */
let html = '';

beforeEach(async () => {
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', 'text/html').end(html);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterEach(async () => {
  await chromium?.close();
  chromium = null;
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
});

async function browse(): Promise<DevTools> {
  const { port } = server.address() as AddressInfo;
  chromium = await startChromium(`http://127.0.0.1:${port}/screens/lobby-1`);
  await waitFor('the page to be loaded', () => asked.includes('/screens/lobby-1'));
  return new DevTools(chromium.debugUrl);
}

/** Width and height in the first frame header of a JPEG. */
function jpegSize(picture: string): [number, number] {
  const bytes = Buffer.from(picture, 'base64');
  expect(bytes.subarray(0, 2).toString('hex')).toBe('ffd8');
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at + 1] === 0xc0 || bytes[at + 1] === 0xc2) {
      return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
    }
  }
  throw new Error('No size in this JPEG.');
}

// Noise, the worst that a JPEG can be asked to keep small.
const noise = `<!doctype html><body style="margin:0"><canvas width="1920" height="1080"></canvas>
<script>const c=document.querySelector('canvas').getContext('2d'),d=c.createImageData(1920,1080);
for(let i=0;i<d.data.length;i++)d.data[i]=i%4===3?255:Math.random()*256;c.putImageData(d,0,0)
</script>`;

test('a screenshot of noise is scaled until it fits; a reload and the end work', async () => {
  html = noise;
  const tools = await browse();
  const picture = await tools.screenshot('lobby-1');
  expect(picture.length).toBeLessThanOrEqual(400_000);
  const [widthPx, heightPx] = jpegSize(picture);
  expect(widthPx).toBeGreaterThanOrEqual(320);
  expect(widthPx).toBeGreaterThan(heightPx);
  await expect(tools.screenshot('door-3')).rejects.toThrow('No tab');
  await tools.reload('lobby-1');
  const loads = (): number => asked.filter((path) => path.startsWith('/screens')).length;
  await waitFor('the reload', () => loads() > 1);
  await tools.end();
  await waitFor('Chromium to end', () => chromium?.runs === false);
  await expect(tools.reload('lobby-1')).rejects.toThrow('fetch failed');
});

test('a page that hangs in a loop does not hold up whoever asks for ever', async () => {
  html = '<!doctype html><script>setTimeout(() => { for (;;); }, 300)</script>';
  const tools = await browse();
  const startedMs = performance.now();
  await tools.screenshot('lobby-1').catch(() => undefined);
  expect(performance.now() - startedMs).toBeLessThan(30_000);
  await tools.end();
  await waitFor('Chromium to end', () => chromium?.runs === false, 20_000);
});
