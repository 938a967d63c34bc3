import type { PageFault } from '../wire.ts';

const mostKept = 50;
const perPulse = 10;
/** The same fault of the same object is told once in this time. */
const repeatMs = 30_000;

/** Faults that the player has not heard of yet. */
export class FaultLog {
  #waiting: PageFault[] = [];
  readonly #toldMs = new Map<string, number>();

  add(code: string, object: string, atMs: number): void {
    const key = `${code} ${object}`;
    if (atMs - (this.#toldMs.get(key) ?? -Infinity) < repeatMs) return;
    if (this.#toldMs.size > mostKept) this.#toldMs.clear();
    this.#toldMs.set(key, atMs);
    this.#waiting.push({ code, object: object.slice(0, 80), atMs: Math.round(atMs) });
    if (this.#waiting.length > mostKept) this.#waiting.shift();
  }

  next(): readonly PageFault[] {
    return this.#waiting.slice(0, perPulse);
  }

  /** The player answered the pulse that carried these. */
  told(faults: readonly PageFault[]): void {
    this.#waiting = this.#waiting.filter((fault) => !faults.includes(fault));
  }
}
