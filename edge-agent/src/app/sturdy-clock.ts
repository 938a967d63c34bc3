import { isFoyerError } from '@foyer/contracts';
import type { Clock, Logger, Timer } from '@foyer/platform';

/** Work that met a full disk is tried again after this. */
const againMs = 1000;

/**
 * The same clock, for work that writes: what a timer could not do because the disk is full it does
 * again a second later. `onDamage` is told of a damaged database; anything else is a defect and is
 * thrown on.
 */
export function sturdyClock(clock: Clock, logger: Logger, onDamage: () => void): Clock {
  const setTimer = (name: string, delayMs: number, fire: () => void): Timer => {
    let timer: Timer;
    const attempt = (): void => {
      try {
        fire();
      } catch (error) {
        if (!isFoyerError(error)) throw error;
        if (error.code === 'database-corrupt') {
          onDamage();
          return;
        }
        if (error.code !== 'disk-full') throw error;
        logger.error('disk-full', { work: name, retryMs: againMs });
        timer = clock.setTimer(name, againMs, attempt);
      }
    };
    timer = clock.setTimer(name, delayMs, attempt);
    return { cancel: () => timer.cancel() };
  };
  return { nowMs: () => clock.nowMs(), monotonicMs: () => clock.monotonicMs(), setTimer };
}
