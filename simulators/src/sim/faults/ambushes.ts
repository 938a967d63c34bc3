import type { FaultKinds } from './fault.ts';
import { twoGates } from './fault.ts';

/** After an ambush guests try the same code at the other gates, one every so many ms. */
const tryEveryMs = 350;

/**
 * Faults that wait for the worst moment: the very instant that a gate has committed a green and
 * nobody has heard of it yet.
 */
export const ambushFaults: FaultKinds = {
  'ambush-cut': {
    weight: 4,
    troublesGates: true,
    draw: (draw) => ({ ...twoGates(draw), amount: draw.random.int(4) }),
    begin(run, { node, other, amount }, random) {
      run.atNextGreen(node, (text) => {
        for (const peer of run.world.nodes.keys()) run.world.lan.setCut(node, peer, true);
        if (amount === 1) run.kill(other, 'killed in the ambush');
        if (amount === 2) run.loseDisk(other, 'replaced', (disk) => disk.replace());
        if (amount === 3) run.kill(node, 'power cut in the ambush', (d) => d.powerCut(random));
        if (amount > 0) run.at(run.world.runMs + tryEveryMs / 2, () => run.revive(other));
        run.tryEverywhere(text, node, tryEveryMs);
      });
    },
    end(run, { node, other }) {
      run.forgetAmbush(node);
      run.world.lan.mendCuts();
      run.revive(node);
      run.revive(other);
    },
  },
  'ambush-crash': {
    weight: 3,
    troublesGates: true,
    draw: (draw) => ({ ...twoGates(draw), amount: draw.random.int(2) }),
    begin(run, { node, amount }, random) {
      run.atNextGreen(node, (text) => {
        if (amount === 0) run.kill(node, 'killed at a green');
        else run.kill(node, 'the power was cut at a green', (disk) => disk.powerCut(random));
        run.tryEverywhere(text, node, tryEveryMs);
        run.at(run.world.runMs + tryEveryMs * 2, () => {
          run.revive(node);
          run.tryAt(text, node, tryEveryMs);
        });
      });
    },
    end(run, { node }) {
      run.forgetAmbush(node);
      run.revive(node);
    },
  },
};
