/**
 * The agent's time, carried by this program's monotonic clock: the box's wall clock may jump
 * without a page noticing. All in milliseconds.
 */
export class AgentTime {
  #offsetMs: number;

  /**
   * @param floorMs the latest time that was kept on disk: a box without a clock battery starts in
   *   the past, and must not show what was on then
   */
  constructor(wallMs: number, monotonicMs: number, floorMs: number) {
    this.#offsetMs = Math.max(wallMs, floorMs) - monotonicMs;
  }

  /** The agent said that it is `nowMs`. */
  tell(nowMs: number, monotonicMs: number): void {
    this.#offsetMs = nowMs - monotonicMs;
  }

  /** UTC ms. */
  at(monotonicMs: number): number {
    return Math.max(0, Math.round(this.#offsetMs + monotonicMs));
  }
}
