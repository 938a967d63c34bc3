import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { prepareZXingModule } from 'zxing-wasm/reader';
import type { ZXingReaderModule, ZXingReaderOptions } from 'zxing-wasm/reader';

import type { Luminance } from '../domain/luminance.ts';
import type { ReadOptions } from '../domain/passes.ts';
import type { Reading } from '../domain/readings.ts';

/** How ZXing numbers its binarizers. */
const binarizers = { 'local-average': 0, 'global-histogram': 1, fixed: 2 } as const;

const textModePlain = 0;

// QRCode would also name Micro QR, which it sees where there is none.
const commonOptions = {
  formats: 'QRCodeModel2',
  isPure: false,
  downscaleFactor: 3,
  downscaleThreshold: 500,
  minLineCount: 2,
  maxNumberOfSymbols: 255,
  validateOptionalChecksum: false,
  eanAddOnSymbol: 0,
  textMode: textModePlain,
  characterSet: 0,
  tryCode39ExtendedMode: true,
} as const;

const toZXing = (options: ReadOptions): ZXingReaderOptions => ({
  ...commonOptions,
  tryHarder: true,
  tryRotate: options.rotate,
  tryInvert: options.invert,
  tryDownscale: options.downscale,
  tryDenoise: options.denoise,
  returnErrors: options.reportUnreadable,
  binarizer: binarizers[options.binarizer],
});

/** The bytes of ZXing's WebAssembly module, from the installed package: nothing is fetched. */
export const loadWasm = (): Promise<Uint8Array> =>
  readFile(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));

/** Reads QR codes in a picture. Synchronous and slow (milliseconds): it belongs in a worker. */
export interface QrReader {
  read(picture: Luminance, options: ReadOptions): Reading[];
}

/** Starts ZXing. @param wasmBinary from `loadWasm`. */
export async function createQrReader(wasmBinary: Uint8Array): Promise<QrReader> {
  const module = await prepareZXingModule({
    overrides: { wasmBinary: wasmBinary.slice().buffer },
    fireImmediately: true,
  });
  return { read: (picture, options) => readWith(module, picture, options) };
}

// The list lives in WebAssembly's memory, and its type does not say that it can be let go of.
function release(list: object): void {
  const free: unknown = Reflect.get(list, 'delete');
  if (typeof free === 'function') Reflect.apply(free, list, []);
}

function readWith(module: ZXingReaderModule, picture: Luminance, options: ReadOptions): Reading[] {
  const { data, width, height } = picture;
  const address = module._malloc(data.length);
  if (address === 0) throw new Error(`No memory for a picture of ${width}x${height}`);
  try {
    module.HEAPU8.set(data, address);
    const found = module.readBarcodesFromPixmap(address, width, height, toZXing(options));
    const readings: Reading[] = [];
    for (let index = 0; index < found.size(); index++) {
      const result = found.get(index);
      if (result === undefined) continue;
      const { topLeft, topRight, bottomRight, bottomLeft } = result.position;
      readings.push({
        text: result.isValid ? result.text : undefined,
        corners: [topLeft, topRight, bottomRight, bottomLeft],
      });
    }
    release(found);
    return readings;
  } finally {
    module._free(address);
  }
}
