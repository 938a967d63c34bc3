import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Journal, Logger, Random } from '@foyer/platform';
import { openOrQuarantine } from '@foyer/platform/node';
import { metaMigrations, openMeta, type MetaStore } from '../adapters/journal/meta.ts';
import { timedJournal } from '../adapters/journal/timed.ts';
import { ledgerMigrations, openLedger, startBoot } from '../adapters/ledger/index.ts';
import type { AgentConfig } from '../config.ts';
import type { LedgerStore } from '../domain/admission/ports.ts';

/** What an agent keeps: one file, one writer. The sync engine adds tables of its own. */
export interface Storage {
  journal: Journal;
  /** This start's number; committed before anything else. */
  boot: number;
  meta: MetaStore;
  ledger: LedgerStore;
  /** The damaged file that this one took the place of, or null. */
  quarantined: string | null;
}

export interface StorageDeps {
  config: Pick<AgentConfig, 'role' | 'dataDir'>;
  clock: Clock;
  random: Random;
  logger: Logger;
  onCommit: (seconds: number) => void;
}

/** The agent's own schema, in the order that its parts joined it. New steps go at the end. */
const migrations = [...metaMigrations, ...ledgerMigrations];

/** Opens the agent's database, or an empty one in a damaged one's place, and counts this start. */
export function openStorage(deps: StorageDeps): Storage {
  const { config, clock, random, logger } = deps;
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const { journal: bare, quarantined } = openOrQuarantine({
    path: join(config.dataDir, `${config.role}.db`),
    migrations,
    logger,
    nowMs: clock.nowMs(),
  });
  const journal = timedJournal(bare, deps.onCommit);
  return {
    journal,
    boot: startBoot(journal, random),
    meta: openMeta(journal),
    ledger: openLedger(journal),
    quarantined,
  };
}
