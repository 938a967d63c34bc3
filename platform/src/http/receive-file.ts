import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';

import { FoyerError } from '@foyer/contracts';

export interface ReceiveOptions {
  /** More is refused with `body-too-large`, by the header before anything is read. */
  maxBytes: number;
  /** A client that sends nothing for so long is cut off. Default 30 s. */
  idleMs?: number;
}

/** A body that is whole in its file. */
export interface ReceivedFile {
  sizeBytes: number;
  /** Lower-case hex, reckoned while it was written. */
  sha256: string;
}

const tooLarge = (maxBytes: number): FoyerError =>
  new FoyerError('body-too-large', `The body is larger than ${maxBytes} bytes.`);

/**
 * Writes a request's body to a new file as it comes, never whole in memory, and syncs it. The file
 * is the caller's, also where this throws. Throws `body-too-large`, `bad-request` where the client
 * went away, and what the disk throws.
 */
export async function receiveFile(
  request: IncomingMessage,
  path: string,
  { maxBytes, idleMs = 30_000 }: ReceiveOptions,
): Promise<ReceivedFile> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  request.socket.setTimeout(idleMs, () => request.destroy());
  const file = await open(path, 'wx', 0o640);
  try {
    // Left to itself a loop that ends early destroys the request, and with it the answer.
    for await (const chunk of bytesOf(request)) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      hash.update(chunk);
      await file.write(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
    request.socket.setTimeout(0);
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

async function* bytesOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    throw new FoyerError('bad-request', 'The client went away before the body was whole.', {
      cause,
    });
  }
}
