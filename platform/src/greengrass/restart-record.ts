import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

/**
 * Both nuclei give a component up for broken when it fails a third time within an hour: the classic
 * one counts errors, and nucleus lite counts starts, by StartLimitBurst=3 and
 * StartLimitInterval=3600 in its units. It then takes a person's deployment to mend it.
 */
const windowMs = 3_600_000;
/** So that the start after the next is still allowed, should the program fail by itself. */
const mostStarts = 1;
const kept = 8;

const recordSchema = z.object({ startsMs: z.array(z.number()).max(64) });

/**
 * Whether a component that was started at these times may end now, to be started anew.
 *
 * @param startsMs wall clock, this start included
 */
export function mayRestart(startsMs: readonly number[], nowMs: number): boolean {
  return recent(startsMs, nowMs).length <= mostStarts;
}

function recent(startsMs: readonly number[], nowMs: number): number[] {
  // A start in the future was made under a clock that has been set since.
  return startsMs.filter((atMs) => atMs <= nowMs && nowMs - atMs < windowMs);
}

/** The starts of this component, in a small file that survives it. */
export class RestartRecord {
  readonly #path: string;
  readonly #startsMs: number[];

  /** Notes a start. A file that is missing or damaged counts as an empty one. */
  constructor(path: string, nowMs: number) {
    this.#path = path;
    this.#startsMs = [...read(path), nowMs].slice(-kept);
    this.#write();
  }

  mayRestart(nowMs: number): boolean {
    return mayRestart(this.#startsMs, nowMs);
  }

  #write(): void {
    const draft = `${this.#path}.new`;
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(draft, JSON.stringify({ startsMs: this.#startsMs }), { mode: 0o600 });
    renameSync(draft, this.#path);
  }
}

function read(path: string): number[] {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).startsMs;
  } catch {
    return [];
  }
}
