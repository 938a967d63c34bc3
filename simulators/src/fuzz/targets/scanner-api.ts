import { scannerConfigSchema, startScanner } from '@foyer/scanner';
import { bundleFile } from '@foyer/platform/home';
import { nodeClock, nodeRandom } from '@foyer/platform/node';
import { simLogger } from '@foyer/platform/sim';
import { pathToFileURL } from 'node:url';

import { pictureExamples } from '../pictures.ts';
import { assertAnswer, exchange } from '../rigs/http-client.ts';
import { httpShape, requestOf } from '../shapes/http.ts';
import { Misbehaviour, type FuzzTarget, type Rig } from '../target.ts';

/** A client that hangs up in the middle of its request is no fault of the scanner's. */
const isAborted = (fields: object): boolean => JSON.stringify(fields).includes('aborted');

async function open(): Promise<Rig> {
  const logger = simLogger(200);
  const config = scannerConfigSchema.parse({ maxBodyBytes: 1_000_000 });
  const workerUrl = pathToFileURL(bundleFile('decode-worker'));
  const seams = { clock: nodeClock(), random: nodeRandom(), logger, workerUrl };
  const scanner = await startScanner(config, seams);
  return {
    async run(input) {
      assertAnswer(await exchange(scanner.port, input));
      const failed = logger.of('request-failed').find(({ fields }) => !isAborted(fields));
      if (failed !== undefined) throw new Misbehaviour(JSON.stringify(failed.fields));
    },
    close: () => scanner.close(),
  };
}

const raw = (width: number, height: number, size = width * height): Uint8Array =>
  requestOf('POST', '/v1/frames', Buffer.alloc(size, 128), {
    'content-type': 'application/octet-stream',
    'x-frame-width': String(width),
    'x-frame-height': String(height),
    'x-camera': 'one',
  });

export const scannerApiTarget: FuzzTarget = {
  name: 'scanner-api',
  takes: 'raw HTTP at a scanner: frames as pictures and as bytes, decoded in its worker',
  shape: httpShape,
  words: ['v1', 'frames', 'x-frame-width: 1e9', 'x-frame-height: -1', 'image/png', 'NaN'],
  async seeds() {
    const pictures = (await pictureExamples()).filter((picture) => picture.length < 4096);
    const type = { 'content-type': 'image/png' };
    return [
      raw(16, 16),
      raw(64, 48),
      raw(16, 16, 20),
      ...pictures.map((picture) => requestOf('POST', '/v1/frames', picture, type)),
      requestOf('GET', '/healthz'),
      requestOf('GET', '/metrics'),
    ];
  },
  open,
  inputsPerRig: 4000,
  // A picture and every way of looking for codes in it, in threads of their own.
  maxMs: 4000,
};
