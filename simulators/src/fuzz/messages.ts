/** What the runner tells a worker. */
export type ToWorker =
  | {
      kind: 'fuzz';
      target: string;
      seed: number;
      forMs: number;
      slowMs: number;
      guided: boolean;
      known: Uint8Array[];
    }
  /** Runs these in one fresh rig, in this order. */
  | { kind: 'try'; target: string; inputs: Uint8Array[] };

/** A thing that an input did. */
export interface Fault {
  signature: string;
  detail: string;
}

/** What a worker tells the runner. */
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'batch'; inputs: Uint8Array[] }
  | { kind: 'crash'; input: Uint8Array; fault: Fault }
  | { kind: 'slow'; input: Uint8Array; ms: number }
  | { kind: 'kept'; input: Uint8Array }
  | ({ kind: 'progress' | 'done'; inputs: number; edges: number; corpus: number } & Memory)
  /** The longest of the inputs took `ms`. */
  | ({ kind: 'tried'; fault: Fault | null; ms: number } & Memory);

/** The most memory that the worker ever had, and the most that it may have. */
export interface Memory {
  peakRssBytes: number;
  maxRssBytes: number;
}
