import { PerSecond, type Clock, type Logger } from '@foyer/platform';

import type { Refusal } from '../domain/refusals.ts';

export interface RefusalLogOptions {
  clock: Pick<Clock, 'monotonicMs'>;
  logger: Logger;
  /** Counts them for somebody else, too. */
  onRefused?: ((refusal: Refusal) => void) | undefined;
}

/** A flood of refused messages writes at most so many lines a second. */
const linesPerS = 10;

/** Where refused messages are counted and, some of them, logged. */
export class RefusalLog {
  readonly #options: RefusalLogOptions;
  readonly #lines = new PerSecond(linesPerS);

  constructor(options: RefusalLogOptions) {
    this.#options = options;
  }

  note(refusal: Refusal, detail = ''): void {
    const { clock, logger, onRefused } = this.#options;
    onRefused?.(refusal);
    if (!this.#lines.take(clock.monotonicMs())) return;
    const { reason, type, peer } = refusal;
    const more = this.#lines.leftOut();
    logger.warn('message-refused', {
      reason,
      type,
      peer,
      ...(detail === '' ? {} : { detail }),
      ...(more === 0 ? {} : { notLogged: more }),
    });
  }
}
