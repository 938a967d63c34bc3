import type { Journal, Random } from '@foyer/platform';

/** A disk's first boot is a random number below this; boots stay exact integers for good. */
const firstBoots = 2 ** 40;
/** Each start adds a random number up to this. */
const bootStep = 2 ** 12;

/**
 * Counts a start of this node durably, before anything else happens, and returns the boot that its
 * attempts carry. The steps are random, so that the starts of a copied or restored disk do not
 * repeat the numbers of those that it does not know of: a node speaks for its own boots only.
 */
export function startBoot(journal: Journal, random: Random): number {
  const last = journal.prepare<{ boot: number | null }>(
    'SELECT MAX(boot) AS boot FROM ledger_boot',
  );
  const add = journal.prepare('INSERT INTO ledger_boot VALUES (?)');
  return journal.transaction(() => {
    const before = last.get()?.boot ?? Math.floor(random.float() * firstBoots);
    const boot = before + 1 + Math.floor(random.float() * bootStep);
    add.run(boot);
    return boot;
  });
}
