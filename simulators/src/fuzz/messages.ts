/** What the runner tells a worker. */
export type ToWorker =
  | {
      kind: 'fuzz';
      target: string;
      seed: number;
      forMs: number;
      guided: boolean;
      /** Ends with the first crash. */
      stopAtFirst: boolean;
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
  | ({ kind: 'progress' | 'done'; inputs: number; edges: number; corpus: number } & Bounds)
  /** The longest of the inputs took `ms`. */
  | ({ kind: 'tried'; fault: Fault | null; ms: number } & Bounds);

/** What an input may take, and the most memory that the worker ever had. */
export interface Bounds {
  maxMs: number;
  maxRssBytes: number;
  peakRssBytes: number;
}
