import type { Clock, Link, Timer } from '@foyer/platform';

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

/** The end of a link that one process holds: what its listeners throw is caught. */
export function processLink(link: Link, life: Life, onThrow: (error: unknown) => void): Link {
  const guard = (work: () => void): void => {
    if (life.ended) return;
    try {
      work();
    } catch (error) {
      onThrow(error);
    }
  };
  return {
    get limits() {
      return link.limits;
    },
    peers: () => link.peers(),
    send: (peer, payload) => !life.ended && link.send(peer, payload),
    onPayload: (listener) =>
      link.onPayload((peer, payload) => guard(() => listener(peer, payload))),
    onPeer: (listener) => link.onPeer((peer, connected) => guard(() => listener(peer, connected))),
    close: () => link.close(),
  };
}
