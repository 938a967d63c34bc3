import type { AlarmEvent } from '@foyer/contracts';

import type { Checker, DiskLoss } from './evidence.ts';

/** What a disk must have been, somewhere in the run, for an alarm to be true. */
const causes: Partial<Record<AlarmEvent['code'], readonly string[]>> = {
  'replica-repaired': ['rotten'],
  'database-quarantined': ['rotten'],
  'chain-forked': ['rotten', 'restored', 'cloned'],
  'epoch-changed': ['rotten', 'restored'],
};

function isExplained(code: AlarmEvent['code'], losses: readonly DiskLoss[]): boolean {
  const kinds = causes[code];
  if (kinds === undefined) return true;
  if (code === 'replica-repaired' && nobodyCouldTell(losses)) return true;
  return losses.some(({ kind }) => kinds.some((one) => kind.startsWith(one)));
}

/** The cloud was set back, and a node that would have told it so lost its disk. */
function nobodyCouldTell(losses: readonly DiskLoss[]): boolean {
  const isCloud = ({ node }: DiskLoss): boolean => node === 'cloud';
  return losses.some(isCloud) && !losses.every(isCloud);
}

/**
 * An alarm has a cause: a replica is repaired only where a disk was damaged, a chain forks only
 * where a disk came back from its past. A replica that mends itself would otherwise hide the bug
 * that damages it. Rows are mended, too, where a cloud was set back and grew again under the same
 * numbers, and the theatre agent that could have told it lost its disk: the sums alone show it.
 * Alarms about clocks and letters have laws of their own.
 */
export const checkAlarms: Checker = ({ losses, nodes }) => {
  const alarms = new Map(
    nodes
      .flatMap(({ events }) => events)
      .flatMap(({ eventId, body }) => (body.kind === 'alarm' ? [[eventId, body] as const] : [])),
  );
  return [...alarms.values()]
    .filter(({ code }) => !isExplained(code, losses))
    .map(({ code, gate, detail }) => ({
      law: 'true-alarms',
      detail: `${gate} told of ${code}, and no disk was lost that explains it: ${detail}`,
    }));
};
