import { compactFeeds } from '@foyer/cloud-sync';
import { EventStore } from '@foyer/cloud-sync/engine';
import { agentMigrations } from '@foyer/edge-agent/app';
import type { Journal } from '@foyer/platform';
import { silentLogger } from '@foyer/platform/node';
import type { SimDisk } from '@foyer/platform/sim';

import type { FaultKinds } from './fault.ts';
import { anyNode, isGate } from './fault.ts';

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

/** The file of a disk on which nothing runs, as the agent's program opens it. */
function journalOf(disk: SimDisk): Journal {
  return disk.start({ migrations: agentMigrations, logger: silentLogger(), nowMs: 0 }).journal;
}

function damage(disk: SimDisk, which: number): void {
  journalOf(disk)
    .prepare(damages[which] ?? damages[0])
    .run();
}

/** What ages on disks, and what programs of another version leave there. */
export const damageFaults: FaultKinds = {
  'row-rot': {
    weight: 3,
    troublesGates: ({ node }) => isGate(node),
    draw: (draw) => ({ ...anyNode(draw), amount: draw.random.int(damages.length) }),
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
