/** What one frame told of a code that could not be read from it alone. */
export interface Evidence {
  /** Modules along a side. */
  readonly size: number;
  /** By module: dark (positive) or light (negative), and how surely. */
  readonly soft: Float32Array;
}

/** Frames of one phone that are put together at most. */
export const maxEvidence = 4;
/** Older frames may show another guest's phone. */
export const maxEvidenceAgeMs = 1_500;

const mostSure = 1.25;

/**
 * Adds up what several frames told: noise is new in each, and a lamp's reflection lies elsewhere.
 * Undefined when nothing fits the first. Two guests' codes added up are no code, and do not read.
 */
export function fuse(current: Evidence, earlier: readonly Evidence[]): Float32Array | undefined {
  const fitting = earlier.filter((other) => other.size === current.size);
  if (fitting.length === 0) return undefined;
  const sum = new Float32Array(current.soft.length);
  for (const { soft } of [current, ...fitting]) {
    for (let index = 0; index < sum.length; index++) {
      const value = soft[index]!;
      sum[index] = sum[index]! + Math.max(-mostSure, Math.min(mostSure, value));
    }
  }
  return sum;
}

/** The last few frames' evidence of one camera. */
export class EvidenceLog {
  #entries: { readonly evidence: Evidence; readonly atMs: number }[] = [];

  /** What is recent enough to be fused with a frame that is taken now. */
  recent(nowMs: number): Evidence[] {
    this.#entries = this.#entries.filter((entry) => nowMs - entry.atMs <= maxEvidenceAgeMs);
    return this.#entries.map((entry) => entry.evidence);
  }

  add(evidence: Evidence, nowMs: number): void {
    this.#entries.push({ evidence, atMs: nowMs });
    if (this.#entries.length > maxEvidence) this.#entries.shift();
  }

  /** The code was read: what follows is another. */
  clear(): void {
    this.#entries = [];
  }
}
