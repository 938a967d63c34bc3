import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { decodePicture } from './adapters/frame-decoder.ts';
import { loadPicture } from './adapters/picture-file.ts';
import { createQrReader, loadWasm } from './adapters/qr-reader.ts';
import type { QrReader } from './adapters/qr-reader.ts';
import { fullOptions } from './domain/passes.ts';

const photosDir = fileURLToPath(new URL('../../../shared/qr-photos', import.meta.url));
const missing = !existsSync(photosDir);
if (missing) process.stderr.write('shared/qr-photos is absent: the photo tests are skipped.\n');

const pngsOf = (directory: string): string[] =>
  readdirSync(join(photosDir, directory)).filter((name) => name.endsWith('.png'));

describe.skipIf(missing)('real photos', () => {
  let reader: QrReader;
  beforeAll(async () => {
    reader = await createQrReader(await loadWasm());
  });

  const read = async (directory: string, name: string, effort: 'live' | 'thorough') => {
    const picture = await loadPicture(readFileSync(join(photosDir, directory, name)));
    return decodePicture(reader, { picture, effort, turn: 0 }).texts;
  };

  it.each(['qrcode-1', 'qrcode-2'])(
    "reads at least what ZXing's full pass reads in %s",
    async (directory) => {
      let ours = 0;
      let live = 0;
      let bare = 0;
      for (const name of pngsOf(directory)) {
        const file = join(photosDir, directory, name);
        const wanted = readFileSync(file.replace('.png', '.txt'), 'utf8');
        const picture = await loadPicture(readFileSync(file));
        const texts = reader.read(picture, fullOptions).map((reading) => reading.text);
        if (texts.includes(wanted)) bare += 1;
        if ((await read(directory, name, 'thorough')).includes(wanted)) ours += 1;
        if ((await read(directory, name, 'live')).includes(wanted)) live += 1;
      }
      expect(bare).toBeGreaterThan(15);
      expect(ours).toBeGreaterThanOrEqual(bare);
      expect(live).toBeGreaterThanOrEqual(bare);
    },
  );

  it('reads nothing where there is no code', async () => {
    for (const name of pngsOf('no-code')) {
      expect(await read('no-code', name, 'thorough')).toEqual([]);
    }
  });
});
