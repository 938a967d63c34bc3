import type { IncomingMessage } from 'node:http';

import { FoyerError } from '@foyer/contracts';

import type { Luminance } from '../domain/luminance.ts';

const wrongSize = (sizeBytes: string, width: number, height: number): FoyerError =>
  new FoyerError(
    'image-unreadable',
    `A raw frame of ${sizeBytes} bytes cannot be ${width}x${height} pixels.`,
  );

/**
 * Reads a frame of 8-bit luminance as it arrives, each byte copied once into the picture that a
 * worker will take over.
 * @throws FoyerError `image-unreadable` when the size is not the bytes', `body-too-large`.
 */
export async function readRawFrame(
  request: IncomingMessage,
  width: number,
  height: number,
  maxBytes: number,
): Promise<Luminance> {
  const told = request.headers['content-length'];
  const sizeBytes = width * height;
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (sizeBytes > maxBytes || Number(told ?? 0) > maxBytes) {
    throw new FoyerError('body-too-large', `A frame has at most ${maxBytes} bytes.`);
  }
  if (!whole || (told !== undefined && Number(told) !== sizeBytes)) {
    throw wrongSize(told ?? 'some', width, height);
  }
  const data = new Uint8Array(sizeBytes);
  let filled = 0;
  // The request is left whole, so that what is wrong with it can still be answered.
  const parts = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const part of parts) {
    if (filled + part.length > sizeBytes) throw wrongSize('more', width, height);
    data.set(part, filled);
    filled += part.length;
  }
  if (filled < sizeBytes) throw wrongSize(String(filled), width, height);
  return { data, width, height };
}
