import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { FoyerError } from '@foyer/contracts';
import type { Response } from 'express';

const timeoutMs = 60_000;

/** A file that a preview wants and that this box does not have. */
export interface PassedFile {
  readonly sha256: string;
  readonly mime: string;
  readonly mediaUrls: readonly string[];
  readonly range: string | undefined;
}

const passedHeaders = ['content-length', 'content-range', 'accept-ranges'] as const;

/**
 * Hands a file on from the first server that has it. Nothing is stored and nothing is checked: no
 * screen shows it. @throws FoyerError `not-found` when no server has it.
 */
export async function passOn(file: PassedFile, response: Response): Promise<void> {
  const { sha256, mime, mediaUrls, range } = file;
  const headers = new Headers({ 'accept-encoding': 'identity' });
  if (range !== undefined) headers.set('range', range);
  for (const base of mediaUrls) {
    const answer = await fetch(`${base.replace(/\/$/, '')}/v1/media/${sha256}`, {
      headers,
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(() => null);
    if (answer === null || !answer.ok || answer.body === null) {
      await answer?.body?.cancel();
      continue;
    }
    for (const name of passedHeaders) {
      const value = answer.headers.get(name);
      if (value !== null) response.set(name, value);
    }
    response.status(answer.status).set({
      'content-type': mime,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'no-store',
    });
    // A preview that was closed in the middle is nobody's fault.
    await pipeline(Readable.from(answer.body as AsyncIterable<Uint8Array>), response).catch(
      () => undefined,
    );
    return;
  }
  throw new FoyerError('not-found', 'No media server has this file now.');
}
