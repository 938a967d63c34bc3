import { entriesOf, type Right, type TicketId } from '@foyer/contracts';
import type { LedgerAdmission } from './ports.ts';

/** The most rights that a ticket ever has: bounds what reversals can open. */
const maxRights = 4096;

/** What the ledger knows of one ticket. */
export interface TicketLedger {
  ticketId: TicketId;
  admissions: readonly LedgerAdmission[];
  /** Numbers of the rights that were reversed; each opens one more right at the end. */
  reversed: readonly number[];
}

/** How many rights a ticket has by now: its entries, and one more for each reversal. */
export function rightsOf(ledger: TicketLedger): number {
  const reversals = new Set(ledger.reversed).size;
  return Math.min(maxRights, entriesOf(ledger.ticketId) + reversals);
}

/** The open right with the lowest number that `taken` does not exclude, or null. */
export function lowestOpenRight(
  ledger: TicketLedger,
  taken: (n: number) => boolean = () => false,
): Right | null {
  const admitted = new Set(ledger.admissions.map((admission) => admission.right.n));
  const rights = rightsOf(ledger);
  for (let n = 0; n < rights; n += 1) {
    if (!admitted.has(n) && !taken(n)) return { ticketId: ledger.ticketId, n };
  }
  return null;
}

/** The admission to tell a guest of whose ticket has no open right: the latest that stands. */
export function lastAdmission(ledger: TicketLedger): LedgerAdmission | null {
  const reversed = new Set(ledger.reversed);
  const standing = ledger.admissions.filter((admission) => !reversed.has(admission.right.n));
  return standing.at(-1) ?? ledger.admissions.at(-1) ?? null;
}
