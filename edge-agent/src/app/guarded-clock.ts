import type { NodeId } from '@foyer/contracts';
import type { Clock, Logger, Timer } from '@foyer/platform';
import type { MetaStore } from '../adapters/journal/meta.ts';
import { judgeClock, type ClockReading } from '../domain/clock-agreement.ts';

export interface GuardedClockDeps {
  /** This machine's clock. */
  clock: Clock;
  meta: MetaStore;
  logger: Logger;
  /** What the other nodes' clocks show now. */
  readings(): ClockReading[];
  upstream(): NodeId | null;
  /** The machine's clock was set while this process ran. */
  onJump(byMs: number): void;
}

/** The clock that an agent decides by. */
export interface GuardedClock extends Clock {
  /** What this machine's clock shows, uncorrected; what other nodes are told. */
  rawMs(): number;
  /** True when other nodes show the same time. */
  agreed(): boolean;
  /** Judges again, for instance when a peer told its time. */
  judge(): void;
  close(): void;
}

const metaName = 'clock-floor-ms';
/** No clock of a machine that runs this is right before the program was written. */
const programWrittenMs = Date.UTC(2026, 0, 1);
const judgeEveryMs = 1000;
/** An agreed time is persisted so often: one commit each. */
const persistEveryMs = 30_000;
/** More than a time server's slewing, less than what anybody would call a jump. */
const jumpMs = 5000;

/**
 * Guards a clock: its time never precedes the last agreed time that was persisted, and is corrected
 * by what most nodes show.
 */
export function guardClock(deps: GuardedClockDeps): GuardedClock {
  const { clock, meta, logger } = deps;
  let floorMs = Math.max(programWrittenMs, meta.number(metaName) ?? 0);
  let floorAtMs = clock.monotonicMs();
  let correctionMs = 0;
  let agreed = false;
  let rawLessMonotonicMs = clock.nowMs() - clock.monotonicMs();
  let timer: Timer | null = null;
  let closed = false;

  const watchJump = (): void => {
    const now = clock.nowMs() - clock.monotonicMs();
    const byMs = Math.round(now - rawLessMonotonicMs);
    rawLessMonotonicMs = now;
    if (Math.abs(byMs) < jumpMs) return;
    logger.warn('clock-jumped', { byMs });
    deps.onJump(byMs);
  };

  const persist = (): void => {
    const monotonicMs = clock.monotonicMs();
    const nowMs = clock.nowMs() + correctionMs;
    if (!agreed || nowMs <= floorMs) return;
    if (monotonicMs - floorAtMs < persistEveryMs && meta.number(metaName) !== null) return;
    try {
      meta.put(metaName, nowMs);
      floorMs = nowMs;
      floorAtMs = monotonicMs;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      logger.warn('clock-not-persisted', { detail });
    }
  };

  const judge = (): void => {
    const answer = judgeClock({
      rawMs: clock.nowMs(),
      floorMs: floorMs + (clock.monotonicMs() - floorAtMs) - jumpMs,
      readings: deps.readings(),
      upstream: deps.upstream(),
    });
    // A correction that wanders by the network's delay would be noise in every timestamp.
    if (Math.abs(answer.correctionMs - correctionMs) > jumpMs) {
      logger.warn('clock-corrected', { byMs: answer.correctionMs, agreed: answer.agreed });
      correctionMs = answer.correctionMs;
    } else if (answer.correctionMs === 0) {
      correctionMs = 0;
    }
    if (answer.agreed !== agreed) logger.info('clock-agreement', { agreed: answer.agreed });
    agreed = answer.agreed;
  };

  const tick = (): void => {
    watchJump();
    judge();
    persist();
    if (!closed) timer = clock.setTimer('clock-guard', judgeEveryMs, tick);
  };
  timer = clock.setTimer('clock-guard', judgeEveryMs, tick);

  return {
    nowMs() {
      const nowMs = clock.nowMs() + correctionMs;
      if (agreed) return nowMs;
      return Math.max(nowMs, Math.floor(floorMs + (clock.monotonicMs() - floorAtMs)));
    },
    rawMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    setTimer: (name, delayMs, fire) => clock.setTimer(name, delayMs, fire),
    agreed: () => agreed,
    judge,
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}
