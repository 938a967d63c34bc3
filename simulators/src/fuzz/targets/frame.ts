import { decodeFrame, encodeFrame, unpackBody } from '@foyer/cloud-sync/engine';
import { FoyerError, type Message } from '@foyer/contracts';

import { messageExamples } from '../examples.ts';
import { frameShape } from '../shapes/frames.ts';
import { Misbehaviour, type FuzzTarget } from '../target.ts';

const codings = ['json', 'br'] as const;

/** What was read from a frame is written as a frame that reads the same. */
function assertSame(message: Message): void {
  const written = JSON.stringify(message);
  for (const coding of codings) {
    const again = JSON.stringify(decodeFrame(encodeFrame(message, coding)));
    if (again !== written) throw new Misbehaviour('A message changed on its way through a frame.');
  }
}

function take(bytes: Uint8Array): void {
  const message = decodeFrame(bytes);
  assertSame(message);
  if (!('body' in message)) return;
  const records = unpackBody(message.body);
  const tombstones = message.body.tombstones.length;
  const rows = message.body.blocks.reduce((sum, block) => sum + block.rows, 0);
  if (records.length !== rows + tombstones) {
    throw new FoyerError('internal', 'A body gave another number of rows than it names.');
  }
}

export const frameTarget: FuzzTarget = {
  name: 'frame',
  takes: 'frames of every link: header, brotli, JSON, message schemas, blocks of rows',
  shape: frameShape,
  words: messageExamples().words,
  seeds: () => messageExamples().all.flatMap((m) => codings.map((c) => encodeFrame(m, c))),
  open: () => Promise.resolve({ run: take, close: () => {} }),
};
