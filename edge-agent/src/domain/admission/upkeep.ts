import type { Timer } from '@foyer/platform';
import { doorsOf } from './messages.ts';
import type { AdmissionDeps } from './ports.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A scan's verdict is repeated for as long. */
export const scansKeptMs = 2 * dayMs;
/** A right's votes are kept for as long after its show's doors closed. */
export const votesKeptMs = 2 * dayMs;
/** Admissions are kept as long as the outbox keeps ledger events. */
export const admissionsKeptMs = 35 * dayMs;
const scansPerRound = 5000;

type UpkeepDeps = Pick<AdmissionDeps, 'ledger' | 'replica' | 'clock' | 'clockAgreed' | 'logger'>;

/** Forgets what no scan can need any more. A clock that nobody confirmed deletes nothing. */
export function forgetOld(deps: UpkeepDeps): void {
  const { ledger, replica, clock } = deps;
  const theatre = replica.theatre();
  if (!deps.clockAgreed() || theatre === null) return;
  const nowMs = clock.nowMs();
  ledger.transaction(() => {
    ledger.forgetScansBefore(nowMs - scansKeptMs, scansPerRound);
    for (const showNo of ledger.showsKept()) {
      const show = replica.show(showNo);
      if (show === null) continue;
      const overMs = nowMs - doorsOf(show, theatre).closeMs;
      if (overMs > votesKeptMs) ledger.forgetShow(showNo, overMs > admissionsKeptMs);
    }
  });
}

/** Runs `forgetOld` every hour until `cancel`. */
export function keepTidy(deps: UpkeepDeps): Timer {
  let timer = deps.clock.setTimer('admission-upkeep', hourMs, function tidy() {
    try {
      forgetOld(deps);
    } catch (error) {
      // A full disk is met, and told, by the next scan.
      deps.logger.warn('upkeep-failed', { error: String(error) });
    }
    timer = deps.clock.setTimer('admission-upkeep', hourMs, tidy);
  });
  return { cancel: () => timer.cancel() };
}
