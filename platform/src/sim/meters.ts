import type { Clock } from '../clock.ts';
import type { LinkLimits } from '../link.ts';

interface Meter {
  sinceMs: number;
  publishes: number;
  bytes: number;
}

/** Counts what passes each end of a link, in and out together, in windows of one second. */
export class Meters {
  readonly #clock: Clock;
  readonly #meters = new Map<string, Meter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a payload at both ends; false, and counts nothing, where one end is at its limit. */
  take(one: string, other: string, bytes: number, limits: LinkLimits): boolean {
    const meters = [this.#meter(one), this.#meter(other)];
    const fits = meters.every(
      (meter) =>
        meter.publishes < limits.maxPublishesPerS && meter.bytes + bytes <= limits.maxBytesPerS,
    );
    if (!fits) return false;
    for (const meter of meters) {
      meter.publishes += 1;
      meter.bytes += bytes;
    }
    return true;
  }

  #meter(name: string): Meter {
    const nowMs = this.#clock.monotonicMs();
    const meter = this.#meters.get(name);
    if (meter !== undefined && nowMs - meter.sinceMs < 1000) return meter;
    const fresh = { sinceMs: nowMs, publishes: 0, bytes: 0 };
    this.#meters.set(name, fresh);
    return fresh;
  }
}
