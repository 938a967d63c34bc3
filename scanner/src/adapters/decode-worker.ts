import { parentPort, threadId, workerData } from 'node:worker_threads';

import type { DecodeReply, DecodeRequest, WorkerData } from './decode-messages.ts';
import { decodePicture } from './frame-decoder.ts';
import { createQrReader } from './qr-reader.ts';

// The one place where pictures are decoded in production: a thread of its own, one picture at a
// time.

async function start(data: WorkerData): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('This file runs as a worker thread only');
  const reader = await createQrReader(data.wasmBinary);
  const say = (reply: DecodeReply): void => port.postMessage(reply);
  port.on('message', (request: DecodeRequest) => {
    try {
      say({ kind: 'decoded', decoded: decodePicture(reader, request), threadId });
    } catch (error) {
      say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  });
  say({ kind: 'ready' });
}

await start(workerData as WorkerData);
