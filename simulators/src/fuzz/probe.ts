import type { FromWorker } from './messages.ts';
import { WorkerProcess, type Ending } from './worker-process.ts';

/** What inputs did in a fresh rig. */
export type Outcome =
  | { kind: 'fine' }
  | { kind: 'crash' | 'hang'; signature: string; detail: string };

/** A machine that is busy with other things is slow, too: an input hangs if it does so again. */
const confirmations = 1;

const memory = 'memory';

const mib = (bytes: number): number => Math.round(bytes / 1_048_576);

/** Tries inputs one after the other in a worker process, and starts another when one dies. */
export class Probe {
  readonly #file: string;
  readonly #target: string;
  readonly #silentMs: number;
  #worker: WorkerProcess | null = null;

  /** @param silentMs a worker that says nothing for so long is killed. */
  constructor(file: string, target: string, silentMs: number) {
    this.#file = file;
    this.#target = target;
    this.#silentMs = silentMs;
  }

  /** What these inputs do, in this order, in a fresh rig. */
  async try(inputs: readonly Uint8Array[]): Promise<Outcome> {
    let outcome = await this.#once(inputs);
    for (let left = confirmations; left > 0 && outcome.kind === 'hang'; left -= 1) {
      outcome = await this.#once(inputs);
    }
    return outcome;
  }

  async close(): Promise<void> {
    await this.#worker?.end();
    this.#worker = null;
  }

  async #once(inputs: readonly Uint8Array[]): Promise<Outcome> {
    const worker = (this.#worker ??= new WorkerProcess(this.#file));
    let tried: Extract<FromWorker, { kind: 'tried' }> | null = null;
    const request = { kind: 'try' as const, target: this.#target, inputs: [...inputs] };
    const ending = await worker.request(request, this.#silentMs, (message) => {
      if (message.kind !== 'tried') return 'go on';
      tried = message;
      return 'done';
    });
    const outcome = this.#judge(ending, tried);
    // Memory that was once taken stays in the peak: the next try needs a process of its own.
    const hoarded = outcome.kind === 'crash' && outcome.signature === memory;
    if (hoarded || ending.kind !== 'done') await this.close();
    return outcome;
  }

  #judge(ending: Ending, tried: Extract<FromWorker, { kind: 'tried' }> | null): Outcome {
    if (ending.kind === 'died') return deathOf(ending.detail);
    if (ending.kind !== 'done' || tried === null) {
      const detail = `No answer within ${this.#silentMs} ms.`;
      return { kind: 'hang', signature: 'hang', detail };
    }
    if (tried.fault !== null) return { kind: 'crash', ...tried.fault };
    if (tried.peakRssBytes > tried.maxRssBytes) {
      return memoryFault(tried.peakRssBytes, tried.maxRssBytes);
    }
    if (tried.ms <= tried.maxMs) return { kind: 'fine' };
    const detail = `It took ${Math.round(tried.ms)} ms of work; ${tried.maxMs} are allowed.`;
    return { kind: 'hang', signature: 'hang', detail };
  }
}

/** The process died; its last words name the error where JavaScript knew one. */
export function deathOf(detail: string): Outcome & { kind: 'crash' } {
  const lines = detail.split('\n').filter((line) => line !== '');
  const heap = lines.find((line) => line.startsWith('FATAL ERROR'));
  const signature = heap ?? (lines[0]?.includes('code 70') ? lines[1] : lines[0]) ?? 'death';
  return { kind: 'crash', signature: signature.slice(0, 160), detail };
}

export function memoryFault(
  peakRssBytes: number,
  maxRssBytes: number,
): Outcome & { kind: 'crash' } {
  const detail = `It took ${mib(peakRssBytes)} MiB of memory; ${mib(maxRssBytes)} are allowed.`;
  return { kind: 'crash', signature: memory, detail };
}
