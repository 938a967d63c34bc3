import type { NodeId } from '@foyer/contracts';

import { bustle } from '../bustle.ts';
import { goOn } from '../passages.ts';
import { isolate } from './ambushes.ts';
import type { FaultKinds, Hands } from './fault.ts';
import { anyGate, twoGates } from './fault.ts';

/** Guests at a gate that is alone, or about to be: one every so many ms. */
const everyMs = 160;

function crowdAt(run: Hands, node: NodeId, guests: number, fromMs: number): void {
  for (let n = 0; n < guests; n += 1) run.ambushes.sendGuest(node, fromMs + n * everyMs);
}

/** What goes up by other ways, twice, or under numbers that were given before. */
export const relayFaults: FaultKinds = {
  // The theatre agent hears of a green only from those who heard of it.
  'ambush-theatre': {
    weight: 4,
    leastMs: 5500,
    troublesGates: true,
    draw: (draw) => ({ ...twoGates(draw), amount: draw.random.int(3) }),
    begin(run, { node, other, amount }) {
      run.ambushes.sendGuest(node, 50);
      run.ambushes.sendGuest(node, 700);
      run.ambushes.atNextGreen(node, ({ scanId }) => {
        run.world.lan.setCut(node, 'theatre', true);
        const nowMs = run.world.runMs;
        if (amount < 2) run.at(nowMs + 300, () => goOn(run.world.node(other), scanId, 'exit'));
        if (amount === 0) return;
        run.at(nowMs + 700, () => run.loseDisk(node, 'replaced', (disk) => disk.replace()));
      });
    },
    end(run, { node }) {
      run.ambushes.forget(node);
      run.world.lan.mendCuts();
      run.revive(node);
    },
  },
  // The backup knows of a green that nobody had acknowledged; what follows it, it does not.
  'restored-at-green': {
    weight: 5,
    leastMs: 5500,
    troublesGates: true,
    draw: (draw) => ({ ...anyGate(draw), amount: draw.random.int(3) }),
    begin(run, { node, amount }) {
      run.ambushes.atNextGreen(node, () => run.backUp(node));
      crowdAt(run, node, 4, 50);
      run.at(run.world.runMs + 1500, () => {
        run.restore(node);
        if (amount > 0) isolate(run, node);
        run.revive(node);
        crowdAt(run, node, amount === 2 ? 8 : 2, 700);
      });
      run.at(run.world.runMs + 3800, () => run.world.lan.mendCuts());
    },
    end(run, { node }) {
      run.ambushes.forget(node);
      run.world.lan.mendCuts();
      run.revive(node);
    },
  },
  // As if messages had the most different ways: guests try one code everywhere at once, and again.
  'lan-crowd': {
    weight: 4,
    brief: true,
    leastMs: 4000,
    troublesGates: true,
    draw: ({ random }) => ({ amount: 20 + random.int(100) }),
    begin(run, { amount, endMs }, random) {
      const weather = { loss: 0.03, duplication: 0.4, reorder: true };
      run.world.lan.weather = { minDelayMs: 0.3, maxDelayMs: amount, ...weather };
      for (let atMs = 100; run.world.runMs + atMs < endMs - 500; atMs += 450) {
        const first = random.pick(run.world.gates).id;
        const text = run.ambushes.sendGuest(first, atMs);
        for (let round = 0; round < 3; round += 1) {
          for (const { id } of run.world.gates) {
            const laterMs = round * 130 + random.float() * (10 + round * amount);
            run.ambushes.tryAt(text, id, atMs + laterMs);
          }
        }
      }
    },
    end({ world, fine }) {
      world.lan.weather = { ...fine.lan };
    },
  },
  // The cloud is set back and grows beyond the place that the theatre had reached.
  'cloud-grew-again': {
    weight: 3,
    leastMs: 4000,
    troublesGates: false,
    draw: ({ random }) => ({ amount: 1 + random.int(4) }),
    begin(run, { amount }) {
      const { world, cables } = run;
      run.backUpCloud();
      bustle(world.cloud, 2, 1);
      run.at(world.runMs + 900, () => world.wan.setCable(cables.theatre, false));
      run.at(world.runMs + 1000, () => {
        run.restoreCloud();
        run.startCloud();
      });
      run.at(world.runMs + 1500, () => bustle(world.cloud, amount, 7));
    },
    end(run) {
      run.startCloud();
      run.world.wan.setCable(run.cables.theatre, true);
    },
  },
};
