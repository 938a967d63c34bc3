import type { Clock, Timer } from '../clock.ts';

/** Node fires a longer timer at once; such a wait is cut into pieces of this length. */
const longestTimerMs = 2 ** 31 - 1;

export interface NodeClock extends Clock {
  /** The names of the timers that are still to fire, oldest first. */
  pending(): string[];
}

/** The clock of this machine. */
export function nodeClock(): NodeClock {
  const pending = new Map<Timer, string>();

  function setTimer(name: string, delayMs: number, fire: () => void): Timer {
    let handle: NodeJS.Timeout;
    let leftMs = Math.max(0, delayMs);
    const timer: Timer = {
      cancel() {
        clearTimeout(handle);
        pending.delete(timer);
      },
    };
    const arm = (): void => {
      const pieceMs = Math.min(leftMs, longestTimerMs);
      leftMs -= pieceMs;
      handle = setTimeout(() => {
        if (leftMs > 0) {
          arm();
          return;
        }
        pending.delete(timer);
        fire();
      }, pieceMs);
    };
    pending.set(timer, name);
    arm();
    return timer;
  }

  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    setTimer,
    pending: () => [...pending.values()],
  };
}
