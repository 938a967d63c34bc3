import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DeadLetters, EventStore, ReplicaStore } from '@foyer/cloud-sync/engine';
import type { Clock, Journal, Logger, Random } from '@foyer/platform';
import { openOrQuarantine } from '@foyer/platform/node';
import { metaMigrations, openMeta, type MetaStore } from '../adapters/journal/meta.ts';
import { salvageEvents } from '../adapters/journal/salvage.ts';
import { timedJournal } from '../adapters/journal/timed.ts';
import { ledgerMigrations, openLedger, startBoot } from '../adapters/ledger/index.ts';
import type { AgentConfig } from '../config.ts';
import type { LedgerStore } from '../domain/admission/ports.ts';

/** Everything that an agent keeps: one file, one writer. */
export interface Storage {
  journal: Journal;
  /** This start's number; committed before anything else. */
  boot: number;
  meta: MetaStore;
  ledger: LedgerStore;
  replica: ReplicaStore;
  events: EventStore;
  deadLetters: DeadLetters;
  /** From now on, what is stored is dated by this clock. */
  useClock(clock: Clock): void;
}

export interface StorageDeps {
  config: Pick<AgentConfig, 'node' | 'role' | 'dataDir'>;
  clock: Clock;
  random: Random;
  logger: Logger;
  onCommit: (seconds: number) => void;
}

/** The agent's schema, in the order that its parts joined it. New steps go at the end. */
const migrations = [...metaMigrations, ...ledgerMigrations];

function reportQuarantine(storage: Storage, aside: string, deps: StorageDeps): void {
  const { journal, events } = storage;
  const salvaged = salvageEvents(aside, deps.config.node);
  journal.transaction(() => {
    for (const { eventId, body } of salvaged) {
      if (!events.has(eventId)) events.append(body, eventId);
    }
    events.append({
      kind: 'alarm',
      code: 'database-quarantined',
      detail: `Set aside as ${aside}; ${salvaged.length} events saved.`.slice(0, 500),
      gate: deps.config.node,
      atMs: deps.clock.nowMs(),
    });
  });
  deps.logger.warn('events-salvaged', { events: salvaged.length, path: aside });
}

/**
 * Opens the agent's database, or an empty one in the place of a damaged one, and counts this start.
 * Events that a damaged file still holds go into the new outbox under their own ids.
 */
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
  let dating = clock;
  const nowMs = (): number => dating.nowMs();
  const storage: Storage = {
    journal,
    boot: startBoot(journal, random),
    meta: openMeta(journal),
    ledger: openLedger(journal),
    replica: new ReplicaStore(journal),
    events: new EventStore({ journal, random, nowMs, self: config.node }),
    deadLetters: new DeadLetters(journal, nowMs),
    useClock: (guarded) => {
      dating = guarded;
    },
  };
  if (quarantined !== null) reportQuarantine(storage, quarantined, deps);
  return storage;
}
