import type { Decoded, DecodeJob } from './frame-decoder.ts';

/** What a decode worker is started with. */
export interface WorkerData {
  readonly wasmBinary: Uint8Array;
}

/** A picture for a worker; its pixels are handed over, not copied. */
export type DecodeRequest = DecodeJob;

/** A worker's answer to the one request that it has. `ready` is said once, before any request. */
export type DecodeReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'decoded'; readonly decoded: Decoded; readonly threadId: number }
  | { readonly kind: 'failed'; readonly message: string };
