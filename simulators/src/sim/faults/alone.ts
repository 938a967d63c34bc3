import { isolate } from './ambushes.ts';
import type { FaultKinds } from './fault.ts';
import { anyGate } from './fault.ts';

const hourMs = 3_600_000;

/** Guests at the gate, so long after it started. */
const guestsMs = [300, 800, 1300, 1900] as const;

export const aloneFaults: FaultKinds = {
  // A gate starts with a wrong clock, and there is nobody to ask.
  'alone-in-time': {
    weight: 2,
    brief: true,
    leastMs: 3000,
    troublesGates: true,
    draw: (draw) => ({ ...anyGate(draw), amount: -(1 + draw.random.int(30)) * hourMs }),
    begin(run, { node, amount }) {
      isolate(run, node);
      run.kill(node, 'its clock lost the time');
      run.world.node(node).wall.offsetMs += amount;
      run.lonely.add(node);
      run.revive(node);
      for (const afterMs of guestsMs) run.ambushes.sendGuest(node, afterMs);
    },
    end(run, { node, amount }) {
      run.lonely.delete(node);
      run.world.node(node).wall.offsetMs -= amount;
      run.world.lan.mendCuts();
    },
  },
};
