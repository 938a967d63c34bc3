import type { Part } from './media-store.ts';
import { QuietLimit } from './quiet-limit.ts';

/** Why a file did not come. `full`: the disk; `absent`: the server has no such file. */
export type DownloadFailure = 'absent' | 'cut' | 'refused' | 'too-long' | 'full';

/** Thrown by `download`. What came before it is in the part, unless it cannot be used. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  readonly failure: DownloadFailure;

  constructor(failure: DownloadFailure, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.failure = failure;
  }
}

export interface DownloadPlan {
  readonly url: string;
  readonly sizeBytes: number;
  readonly part: Part;
  /** Nothing at all for this long ends the try. */
  readonly stallMs: number;
  /** Ends the try from outside. */
  readonly signal: AbortSignal;
}

/**
 * Brings the rest of a file into its part. A server that ignores the range begins anew and is taken
 * at its word; one that sends more than the file has is left.
 * @throws DownloadError
 */
export async function download(plan: DownloadPlan): Promise<void> {
  const { part, sizeBytes } = plan;
  if (part.sizeBytes > sizeBytes) await part.truncate();
  if (part.sizeBytes === sizeBytes) return;
  const limit = new QuietLimit(plan.signal, plan.stallMs);
  try {
    const response = await ask(plan, limit.signal);
    await takeUp(response, part);
    if (response.body === null) throw new DownloadError('cut', 'The answer is empty.');
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      limit.moved();
      if (part.sizeBytes + piece.length > sizeBytes) {
        await part.truncate();
        throw new DownloadError('too-long', `More than ${sizeBytes} bytes came.`);
      }
      await part.write(piece);
    }
  } catch (error) {
    throw asDownloadError(error);
  } finally {
    limit.end();
  }
  if (part.sizeBytes < sizeBytes) {
    throw new DownloadError('cut', `${part.sizeBytes} of ${sizeBytes} bytes came.`);
  }
}

async function ask({ url, part }: DownloadPlan, signal: AbortSignal): Promise<Response> {
  const headers = new Headers({ 'accept-encoding': 'identity' });
  if (part.sizeBytes > 0) headers.set('range', `bytes=${part.sizeBytes}-`);
  const response = await fetch(url, { signal, headers });
  if (response.status === 200 || response.status === 206) return response;
  await response.body?.cancel();
  if (response.status === 416) {
    await part.truncate();
    throw new DownloadError('refused', 'The server has less than is here already.');
  }
  const gone = response.status === 404 || response.status === 410;
  throw new DownloadError(gone ? 'absent' : 'refused', `The server says ${response.status}.`);
}

/** Makes the part begin where the answer does. */
async function takeUp(response: Response, part: Part): Promise<void> {
  if (response.status === 200) {
    if (part.sizeBytes > 0) await part.truncate();
    return;
  }
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  if (range === null || Number(range[1]) !== part.sizeBytes) {
    await response.body?.cancel();
    throw new DownloadError('refused', 'The server sent another range than was asked for.');
  }
}

/** True for what the system throws when a disk, or what one may use of it, is full. */
export function isDiskFull(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function asDownloadError(error: unknown): DownloadError {
  if (error instanceof DownloadError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new DownloadError(isDiskFull(error) ? 'full' : 'cut', text, error);
}
