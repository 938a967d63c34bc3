import type { ScreenId, ScreenReport } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

export type ReportedFault = ScreenReport['faults'][number];

/** What was told of the screens of this box, so that nothing of it is told twice. */
export interface ScreenStore {
  /** False when this very fault was noted before. */
  noteFault(screenId: ScreenId, fault: ReportedFault): boolean;
  /** The emergency that a screen showed last; null for none. */
  shown(screenId: ScreenId): string | null;
  setShown(screenId: ScreenId, emergencyId: string | null): void;
  /** True for a screen that this box drove at any time. */
  isKnown(screenId: ScreenId): boolean;
}

/** A report names five at most. */
const faultsKept = 64;

export function openScreens(journal: Journal): ScreenStore {
  const addFault = journal.prepare(
    'INSERT OR IGNORE INTO signage_fault (screen_id, code, object, at_ms) VALUES (?, ?, ?, ?)',
  );
  const dropFaults = journal.prepare(
    `DELETE FROM signage_fault WHERE screen_id = ? AND place NOT IN
     (SELECT place FROM signage_fault WHERE screen_id = ? ORDER BY place DESC LIMIT ?)`,
  );
  const screen = journal.prepare<{ shown: string | null }>(
    'SELECT emergency_id AS shown FROM signage_screen WHERE screen_id = ?',
  );
  const put = journal.prepare('INSERT OR REPLACE INTO signage_screen VALUES (?, ?)');
  return {
    noteFault(screenId, { code, object, atMs }) {
      if (addFault.run(screenId, code, object, atMs).changes === 0) return false;
      dropFaults.run(screenId, screenId, faultsKept);
      return true;
    },
    shown: (screenId) => screen.get(screenId)?.shown ?? null,
    setShown: (screenId, emergencyId) => void put.run(screenId, emergencyId),
    isKnown: (screenId) => screen.get(screenId) !== undefined,
  };
}
