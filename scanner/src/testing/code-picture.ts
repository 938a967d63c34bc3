import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';

import type { Luminance } from '../domain/luminance.ts';

const modulePx = 4;
const quietModules = 4;

/** A picture of nothing but a code: sharp, upright, dark on light, 4 px a module. */
export async function drawCode(text: string): Promise<Luminance> {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm');
  const wasmBinary = new Uint8Array(await readFile(wasm)).buffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  const { symbol } = await writeBarcode(text, { format: 'QRCode', addQuietZones: false });
  const side = (symbol.width + 2 * quietModules) * modulePx;
  const data = new Uint8Array(side * side).fill(255);
  for (let y = 0; y < symbol.height * modulePx; y++) {
    for (let x = 0; x < symbol.width * modulePx; x++) {
      const row = Math.floor(y / modulePx);
      const module = symbol.data[row * symbol.width + Math.floor(x / modulePx)]!;
      data[(y + quietModules * modulePx) * side + x + quietModules * modulePx] = module;
    }
  }
  return { data, width: side, height: side };
}
