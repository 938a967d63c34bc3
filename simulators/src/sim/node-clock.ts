import type { Clock, Timer } from '@foyer/platform';

/** One run of a program on a simulated machine, from its start to its end, however it ends. */
export class Life {
  #ended = false;

  get ended(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#ended = true;
  }
}

/** A machine's wall clock: how far it is off, and how much more it drifts each millisecond. */
export interface Wall {
  offsetMs: number;
  drift: number;
  driftSinceMs: number;
}

export const trueWall = (): Wall => ({ offsetMs: 0, drift: 0, driftSinceMs: 0 });

/** The clock that one process reads: its timers end with it, and what they throw is caught. */
export function processClock(
  base: Clock,
  wall: Wall,
  life: Life,
  onThrow: (error: unknown) => void,
): Clock {
  return {
    nowMs() {
      const driftedMs = wall.drift * (base.monotonicMs() - wall.driftSinceMs);
      return Math.floor(base.nowMs() + wall.offsetMs + driftedMs);
    },
    monotonicMs: () => base.monotonicMs(),
    setTimer(name: string, delayMs: number, fire: () => void): Timer {
      return base.setTimer(name, delayMs, () => {
        if (life.ended) return;
        try {
          fire();
        } catch (error) {
          onThrow(error);
        }
      });
    },
  };
}
