import type { NodeId } from '@foyer/contracts';
import type { Clock, Logger, Timer } from '@foyer/platform';
import type { MetaStore } from '../adapters/journal/meta.ts';
import { judgeClock, type ClockReading } from '../domain/clock-agreement.ts';
import { Rounds } from './rounds.ts';

export interface GuardedClockDeps {
  /** This machine's clock. */
  clock: Clock;
  meta: MetaStore;
  logger: Logger;
  /** What the other nodes' clocks show now. */
  readings: () => ClockReading[];
  upstream: () => NodeId | null;
  /** Whether nothing happens in the theatre; never, when absent. */
  isQuiet?: () => boolean;
  /** The machine's clock was set while this process ran. */
  onJump: (byMs: number) => void;
}

/** The clock that an agent decides by. */
export interface GuardedClock extends Clock {
  /** What this machine's clock shows, uncorrected; what other nodes are told. */
  rawMs(): number;
  /** True when other nodes show the same time. */
  agreed(): boolean;
  /** Judges again, for instance when a peer told its time. */
  judge(): void;
  /** Something happens: judges again where the quiet put it off. */
  catchUp(): void;
  close(): void;
}

const metaName = 'clock-floor-ms';
/** No clock of a machine that runs this is right before the program was written. */
const programWrittenMs = Date.UTC(2026, 0, 1);
const judgeEveryMs = 1000;
/** A clock that runs half as fast again is off by less than a jump then. */
const quietJudgeEveryMs = 8000;
/** An agreed time is persisted so often: one commit each. */
const persistEveryMs = 30_000;
/** More than a time server's slewing, less than what anybody would call a jump. */
const jumpMs = 5000;

/**
 * A clock whose time never precedes the last agreed time that was persisted, and which is corrected
 * by what most nodes show.
 */
class JudgedClock implements GuardedClock {
  readonly #deps: GuardedClockDeps;
  #floorMs: number;
  #floorAtMs: number;
  #persistedAtMs = Number.NEGATIVE_INFINITY;
  #correctionMs = 0;
  #agreed = false;
  #rawLessMonotonicMs: number;
  readonly #rounds: Rounds;

  constructor(deps: GuardedClockDeps) {
    const { clock, meta, isQuiet = () => false } = deps;
    this.#deps = deps;
    this.#floorMs = Math.max(programWrittenMs, meta.number(metaName) ?? 0);
    this.#floorAtMs = clock.monotonicMs();
    this.#rawLessMonotonicMs = clock.nowMs() - clock.monotonicMs();
    this.#rounds = new Rounds({
      clock,
      name: 'clock-guard',
      everyMs: judgeEveryMs,
      quietEveryMs: quietJudgeEveryMs,
      isQuiet,
      work: () => {
        this.#watchJump();
        this.judge();
        this.#persist();
      },
    });
    this.#rounds.start();
  }

  nowMs(): number {
    const nowMs = this.#deps.clock.nowMs() + this.#correctionMs;
    return this.#agreed ? nowMs : Math.max(nowMs, Math.floor(this.#floorNowMs()));
  }

  rawMs(): number {
    return this.#deps.clock.nowMs();
  }

  monotonicMs(): number {
    return this.#deps.clock.monotonicMs();
  }

  setTimer(name: string, delayMs: number, fire: () => void): Timer {
    return this.#deps.clock.setTimer(name, delayMs, fire);
  }

  agreed(): boolean {
    return this.#agreed;
  }

  judge(): void {
    const { clock, readings, upstream, logger } = this.#deps;
    const answer = judgeClock({
      rawMs: clock.nowMs(),
      floorMs: this.#floorNowMs() - jumpMs,
      readings: readings(),
      upstream: upstream(),
    });
    // A correction that wanders by the network's delay would be noise in every timestamp.
    const changeMs = Math.abs(answer.correctionMs - this.#correctionMs);
    if (changeMs > jumpMs || answer.correctionMs === 0) {
      if (changeMs > jumpMs) logger.warn('clock-corrected', { ...answer });
      // Readings hold fractions of the monotonic clock; a time in an event is a whole number.
      this.#correctionMs = Math.round(answer.correctionMs);
    }
    if (answer.agreed !== this.#agreed) logger.info('clock-agreement', { agreed: answer.agreed });
    this.#agreed = answer.agreed;
  }

  catchUp(): void {
    this.#rounds.catchUp();
  }

  close(): void {
    this.#rounds.close();
  }

  /** The floor, grown by the time that passed since. */
  #floorNowMs(): number {
    return this.#floorMs + this.#deps.clock.monotonicMs() - this.#floorAtMs;
  }

  #watchJump(): void {
    const { clock, logger, onJump } = this.#deps;
    const difference = clock.nowMs() - clock.monotonicMs();
    const byMs = Math.round(difference - this.#rawLessMonotonicMs);
    this.#rawLessMonotonicMs = difference;
    if (Math.abs(byMs) < jumpMs) return;
    logger.warn('clock-jumped', { byMs });
    onJump(byMs);
  }

  #persist(): void {
    const { clock, meta, logger } = this.#deps;
    const monotonicMs = clock.monotonicMs();
    if (!this.#agreed || monotonicMs - this.#persistedAtMs < persistEveryMs) return;
    const nowMs = clock.nowMs() + this.#correctionMs;
    this.#persistedAtMs = monotonicMs;
    if (nowMs <= this.#floorMs) return;
    try {
      meta.put(metaName, nowMs);
      this.#floorMs = nowMs;
      this.#floorAtMs = monotonicMs;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      logger.warn('clock-not-persisted', { detail });
    }
  }
}

/** Guards a clock; `close` ends its timer. */
export function guardClock(deps: GuardedClockDeps): GuardedClock {
  return new JudgedClock(deps);
}
