import type { NodeId } from '@foyer/contracts';
import type { SimRandom } from '@foyer/platform/sim';

import type { Green } from '../ambush.ts';
import type { FaultKinds, Hands } from './fault.ts';
import { twoGates } from './fault.ts';

/** Guests come to the gate so long after the ambush was laid: one of them is admitted. */
const guestsMs = [50, 700, 1400] as const;
/** The same code at the other gates, so long after its green. */
const triesMs = [350, 700, 1300, 1900, 2600, 3200] as const;
/** A node that starts again votes and serves so long after, at the latest. */
const lateTriesMs = [1500, 2100, 2700, 3300, 3900] as const;
/** From the laying of an ambush until its last guest was refused. */
const ambushMs = 6000;
/** Votes, releases and heartbeats arrive; an admission, in a push of its own, does not. */
const narrowBytes = 400;

export function isolate(run: Hands, node: NodeId): void {
  for (const peer of run.world.nodes.keys()) run.world.lan.setCut(node, peer, true);
}

function lay(run: Hands, node: NodeId, spring: (green: Green) => void): void {
  for (const afterMs of guestsMs) run.ambushes.sendGuest(node, afterMs);
  run.ambushes.atNextGreen(node, spring);
}

/** What happens besides, when the gate that admitted is cut off from everybody. */
const plots: readonly ((run: Hands, green: Green, fault: Plot) => readonly number[])[] = [
  () => triesMs,
  // The electors forget nothing by starting again.
  (run, green, { node }) => {
    for (const voter of run.ambushes.votersFor(green.right, node)) {
      run.kill(voter, 'killed in the ambush');
      run.revive(voter);
    }
    return triesMs;
  },
  // An elector with an empty disk knows that it knows nothing.
  (run, green, { node }) => {
    for (const voter of run.ambushes.votersFor(green.right, node).slice(0, 1)) {
      run.loseDisk(voter, 'replaced', (disk) => disk.replace());
      run.revive(voter);
    }
    return lateTriesMs;
  },
  (run, _green, { node, random }) => {
    run.kill(node, 'power cut in the ambush', (disk) => disk.powerCut(random));
    run.at(run.world.runMs + 1000, () => run.revive(node));
    return triesMs;
  },
  // Nobody is left who knows of the green but those who voted for it.
  (run, _green, { node }) => {
    run.loseDisk(node, 'replaced', (disk) => disk.replace());
    run.revive(node);
    run.at(run.world.runMs + 300, () => run.world.lan.mendCuts());
    return lateTriesMs;
  },
];

interface Plot {
  readonly node: NodeId;
  readonly random: SimRandom;
}

/**
 * Faults that wait for the worst moment: the very instant that a gate has committed a green and
 * nobody has heard of it yet.
 */
export const ambushFaults: FaultKinds = {
  'ambush-cut': {
    weight: 8,
    leastMs: ambushMs,
    troublesGates: true,
    draw: (draw) => ({ ...twoGates(draw), amount: draw.random.int(plots.length) }),
    begin(run, { node, amount }, random) {
      lay(run, node, (green) => {
        isolate(run, node);
        const timesMs = plots[amount]?.(run, green, { node, random }) ?? triesMs;
        run.ambushes.tryInTurn(green.text, node, timesMs);
      });
    },
    end(run, { node }) {
      run.ambushes.forget(node);
      run.world.lan.mendCuts();
      for (const one of run.world.gates) run.revive(one.id);
    },
  },
  'ambush-narrow': {
    weight: 3,
    brief: true,
    leastMs: ambushMs,
    troublesGates: true,
    draw: (draw) => ({ ...twoGates(draw), amount: draw.random.int(2) }),
    begin(run, { node, amount }) {
      run.world.lan.setNarrow(node, narrowBytes);
      lay(run, node, (green) => {
        if (amount === 1) {
          run.kill(node, 'killed in the ambush');
          run.revive(node);
        }
        run.ambushes.tryInTurn(green.text, node, triesMs);
      });
    },
    end(run, { node }) {
      run.ambushes.forget(node);
      run.world.lan.setNarrow(node, null);
    },
  },
  'ambush-crash': {
    weight: 3,
    leastMs: ambushMs,
    troublesGates: true,
    draw: (draw) => ({ ...twoGates(draw), amount: draw.random.int(2) }),
    begin(run, { node, amount }, random) {
      lay(run, node, ({ text }) => {
        if (amount === 0) run.kill(node, 'killed at a green');
        else run.kill(node, 'the power was cut at a green', (disk) => disk.powerCut(random));
        run.ambushes.tryInTurn(text, node, triesMs);
        run.at(run.world.runMs + 700, () => {
          run.revive(node);
          run.ambushes.tryAt(text, node, 350);
        });
      });
    },
    end(run, { node }) {
      run.ambushes.forget(node);
      run.revive(node);
    },
  },
  // The last commit that a gate made is on its way, or not even that.
  'crash-in-scan': {
    weight: 5,
    leastMs: 3000,
    troublesGates: true,
    draw: (draw) => ({ ...twoGates(draw), amount: 1 + draw.random.int(16) }),
    begin(run, { node, amount }) {
      const die = (): void => run.kill(node, 'killed within a scan');
      const text = run.ambushes.sendGuest(node, 50);
      run.ambushes.atNextScan(node, () => run.world.node(node).crashAfterSteps(amount, die));
      run.at(run.world.runMs + 400, () => run.revive(node));
      run.ambushes.tryInTurn(text, node, [900, 1300]);
      run.ambushes.tryAt(text, node, 1700);
    },
    end(run, { node }) {
      run.ambushes.forget(node);
      run.revive(node);
    },
  },
  'full-in-scan': {
    weight: 3,
    leastMs: 3000,
    troublesGates: true,
    draw: (draw) => ({ ...twoGates(draw), amount: draw.random.int(12) }),
    begin(run, { node, amount }) {
      const one = run.world.node(node);
      const text = run.ambushes.sendGuest(node, 50);
      run.ambushes.atNextScan(node, () => one.fillDiskAfterSteps(amount));
      run.ambushes.tryAt(text, node, 300);
      run.at(run.world.runMs + 900, () => one.freeDisk());
      run.ambushes.tryInTurn(text, node, [1200, 1500]);
      run.ambushes.tryAt(text, node, 1800);
    },
    end: (run, { node }) => {
      run.ambushes.forget(node);
      run.world.node(node).freeDisk();
    },
  },
};
