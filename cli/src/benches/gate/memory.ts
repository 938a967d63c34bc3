import { readFileSync } from 'node:fs';

const everyMs = 500;
const kilobytesInMegabyte = 1024;

/** Resident memory of a process in MB by Linux's account; undefined when it is gone. */
export function residentMb(pid: number): number | undefined {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line === null ? undefined : Number(line[1]) / kilobytesInMegabyte;
  } catch {
    return undefined;
  }
}

/** Watches processes and keeps the largest resident memory that any of them had. */
export class MemoryWatch {
  readonly #pids: () => readonly number[];
  readonly #timer: NodeJS.Timeout;
  #largestMb = 0;

  /** @param pids of the processes to look at, asked anew each time. */
  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
    this.#timer = setInterval(() => this.look(), everyMs);
  }

  get largestMb(): number {
    return this.#largestMb;
  }

  look(): void {
    for (const pid of this.#pids()) {
      this.#largestMb = Math.max(this.#largestMb, residentMb(pid) ?? 0);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
