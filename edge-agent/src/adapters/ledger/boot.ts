import type { Journal, Random } from '@foyer/platform';
import { bootsPerLife } from '../../domain/admission/attempts.ts';

/** A disk's life is a random number below this, so that a boot stays an exact integer. */
const lives = 2 ** 31;

/**
 * Counts a start of this node durably, before anything else happens, and returns the boot that its
 * attempts carry. A start abandons every attempt of earlier boots that was not admitted. The high
 * part names the life of this disk: a replaced disk must not pass for a restart of the old one.
 */
export function startBoot(journal: Journal, random: Random): number {
  const read = journal.prepare<{ value: number }>('SELECT value FROM ledger_meta WHERE name = ?');
  const write = journal.prepare(
    'INSERT INTO ledger_meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return journal.transaction(() => {
    const life = read.get('life')?.value ?? 1 + Math.floor(random.float() * (lives - 1));
    const count = (read.get('starts')?.value ?? 0) + 1;
    write.run('life', life);
    write.run('starts', count);
    return life * bootsPerLife + count;
  });
}
