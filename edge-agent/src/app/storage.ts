import type { Journal, Migration, Random } from '@foyer/platform';
import { controlMigrations, openControl, type ControlStore } from '../adapters/control/store.ts';
import { metaMigrations, openMeta, type MetaStore } from '../adapters/journal/meta.ts';
import { timedJournal } from '../adapters/journal/timed.ts';
import { ledgerMigrations, openLedger, startBoot } from '../adapters/ledger/index.ts';
import { openSignage, signageMigrations, type SignageStores } from '../adapters/signage/index.ts';
import type { LedgerStore } from '../domain/admission/ports.ts';

/** Opens the agent's file, or an empty one in the place of a damaged one, which it names then. */
export type OpenJournal = (migrations: readonly Migration[]) => {
  journal: Journal;
  quarantined: string | null;
};

/** What an agent keeps: one file, one writer. The sync engine adds tables of its own. */
export interface Storage {
  journal: Journal;
  /** This start's number; committed before anything else. */
  boot: number;
  meta: MetaStore;
  ledger: LedgerStore;
  signage: SignageStores;
  control: ControlStore;
  /** The damaged file that this one took the place of, or null. */
  quarantined: string | null;
}

export interface StorageDeps {
  random: Random;
  openJournal: OpenJournal;
  onCommit: (seconds: number) => void;
}

/** The agent's own schema, in the order that its parts joined it. New steps go at the end. */
export const agentMigrations = [
  ...metaMigrations,
  ...ledgerMigrations,
  ...signageMigrations,
  ...controlMigrations,
];

/** Opens the agent's database and counts this start. */
export function openStorage(deps: StorageDeps): Storage {
  const { journal: bare, quarantined } = deps.openJournal(agentMigrations);
  const journal = timedJournal(bare, deps.onCommit);
  return {
    journal,
    boot: startBoot(journal, deps.random),
    meta: openMeta(journal),
    ledger: openLedger(journal),
    signage: openSignage(journal),
    control: openControl(journal),
    quarantined,
  };
}
