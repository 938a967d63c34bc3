import { readFileSync, rmSync, writeFileSync } from 'node:fs';

import { compactFeeds } from '@foyer/cloud-sync';
import { EventStore } from '@foyer/cloud-sync/engine';
import { agentMigrations } from '@foyer/edge-agent/app';
import type { Journal } from '@foyer/platform';
import { silentLogger } from '@foyer/platform/node';
import type { SimDisk } from '@foyer/platform/sim';

import { isolate } from './ambushes.ts';
import type { FaultKinds } from './fault.ts';
import { anyGate, anyNode, isGate } from './fault.ts';

/** Rows of the replica that change by themselves; what is shown to guests stays what it was. */
const damages = [
  // A ticket is not there any more.
  `DELETE FROM sync_row WHERE rowid IN
   (SELECT rowid FROM sync_row WHERE tbl = 'ticket' LIMIT 3)`,
  // Two letters of a film's title.
  "UPDATE sync_row SET enc = replace(enc, 'Long', 'Lomg') WHERE tbl = 'film'",
  // The sum of a row, and not the row.
  "UPDATE sync_row SET hash = hash + 1 WHERE tbl = 'show'",
  // A seat of another row.
  `UPDATE sync_row SET enc = replace(enc, '"B', '"C') WHERE tbl = 'ticket'`,
] as const;

/** The last ticket is gone, and every sum says so: only the source's digest is another. */
const goneWithoutTrace = [
  `CREATE TEMP TABLE gone AS SELECT r.rowid AS row, r.generation, r.grp, r.hash
   FROM sync_row AS r JOIN sync_feed USING (generation)
   WHERE tbl = 'ticket' AND enc IS NOT NULL AND r.seq < cursor ORDER BY r.seq DESC LIMIT 1`,
  `UPDATE sync_digest SET row_count = row_count - 1,
   row_sum = (row_sum - (SELECT hash FROM gone) + MODULUS) % MODULUS
   WHERE generation = (SELECT generation FROM gone) AND grp = (SELECT grp FROM gone)`,
  `UPDATE sync_feed SET row_count = row_count - 1,
   row_sum = (row_sum - (SELECT hash FROM gone) + MODULUS) % MODULUS
   WHERE generation = (SELECT generation FROM gone)`,
  'DELETE FROM sync_row WHERE rowid = (SELECT row FROM gone)',
] as const;
/** Sums of hashes are counted so far (engine/domain/rows.ts). */
const sumModulus = 2 ** 48;

/**
 * The file of a disk on which nothing runs, as the agent's program opens it. What is written here
 * counts as no step of a process, and finds room on a full disk: at its next step the node's own
 * program finds it as full as before.
 */
function journalOf(disk: SimDisk): Journal {
  disk.onStep(null);
  disk.setFull(false);
  return disk.start({ migrations: agentMigrations, logger: silentLogger(), nowMs: 0 }).journal;
}

function damage(disk: SimDisk, which: number): void {
  const journal = journalOf(disk);
  const one = damages[which];
  for (const sql of one === undefined ? goneWithoutTrace : [one]) {
    journal.prepare(sql.replaceAll('MODULUS', String(sumModulus))).run();
  }
}

/** Bytes at the beginning of a database without which it is none. */
const headerBytes = 64;

/** The first bytes of the database are gone; everything else is where it was. */
function behead(disk: SimDisk): void {
  journalOf(disk).prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
  const content = readFileSync(disk.path);
  disk.crash();
  content.fill(0, 0, headerBytes);
  writeFileSync(disk.path, content);
  for (const suffix of ['-wal', '-shm']) rmSync(disk.path + suffix, { force: true });
}

/** What ages on disks, and what programs of another version leave there. */
export const damageFaults: FaultKinds = {
  // A file that is no database any more holds admissions that nobody else has heard of.
  'file-rot': {
    weight: 2,
    leastMs: 4000,
    troublesGates: true,
    draw: anyGate,
    begin(run, { node }) {
      isolate(run, node);
      for (const afterMs of [50, 400, 800]) run.ambushes.sendGuest(node, afterMs);
      run.at(run.world.runMs + 1300, () => {
        run.loseDisk(node, 'rotten', behead, 'nothing');
        run.revive(node);
      });
      run.at(run.world.runMs + 2500, () => run.world.lan.mendCuts());
    },
    end(run, { node }) {
      run.world.lan.mendCuts();
      run.revive(node);
    },
  },
  'row-rot': {
    weight: 3,
    troublesGates: ({ node }) => isGate(node),
    draw: (draw) => ({ ...anyNode(draw), amount: draw.random.int(damages.length + 2) }),
    begin(run, { node, amount }) {
      run.kill(node, 'rows of its replica rot');
      run.loseDisk(node, 'rotten', (disk) => {
        disk.crash();
        damage(disk, amount);
      });
      run.damagedRows.add(node);
      run.revive(node);
    },
  },
  // Deletions are forgotten while one who has not heard of them is away.
  compaction: {
    weight: 3,
    leastMs: 3000,
    troublesGates: false,
    draw: () => ({}),
    begin(run) {
      const { world, cables } = run;
      run.toggleSpareScreen();
      run.at(world.runMs + 900, () => {
        world.wan.setCable(cables.theatre, false);
        run.toggleSpareScreen();
      });
      run.at(world.runMs + 1500, () => {
        const store = world.cloud.worker?.context.store;
        if (store === undefined) return;
        compactFeeds(store, world.clock.nowMs() + 1).catch((error: unknown) => {
          run.say(`the cloud forgot no deletions: ${String(error)}`);
        });
      });
    },
    end: ({ world, cables }) => world.wan.setCable(cables.theatre, true),
  },
  // A gate with a fault in its program reports in another's name: the cloud refuses it for good.
  'refused-event': {
    weight: 2,
    troublesGates: true,
    draw: ({ random, gates }) => ({ node: random.pick(gates) }),
    begin(run, { node }, random) {
      run.kill(node, 'its program is replaced');
      const { disk } = run.world.node(node);
      const journal = journalOf(disk);
      const nowMs = (): number => run.world.clock.nowMs();
      const events = new EventStore({ journal, self: node, random, nowMs });
      const denial = { kind: 'denial', colour: 'red', reason: 'forged' } as const;
      events.append({ ...denial, scanId: random.uuid(), gate: 'gate-of-nowhere', atMs: nowMs() });
      run.injected(node);
      run.revive(node);
    },
  },
};
