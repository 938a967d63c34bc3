import { gateIds, newDisk } from '../fixture.ts';
import type { FaultKinds } from './fault.ts';
import { anyGate, guests } from './fault.ts';

/** After an outage the theatre agent starts so much later than the gates. */
const theatreLaterMs = 1500;

/** What operators do while guests come: gates are added, given up, and replaced. */
export const fleetFaults: FaultKinds = {
  'gate-added': {
    weight: 2,
    brief: true,
    troublesGates: false,
    draw: ({ gates }) => ({ node: gateIds(gates.length + 1).at(-1) ?? '' }),
    begin(run, { node, endMs }) {
      run.setNodeStatus(node, 'active');
      if (run.world.nodes.has(node)) return;
      run.world.addNode(node, newDisk()).start();
      guests(run, node, endMs);
    },
  },
  'gate-given-up': {
    weight: 2,
    troublesGates: true,
    draw: anyGate,
    begin(run, { node }) {
      run.kill(node, 'given up');
      run.setNodeStatus(node, 'dead');
      run.noteLoss(node, 'given-up');
    },
    end(run, { node }) {
      run.setNodeStatus(node, 'active');
      run.revive(node);
    },
  },
  outage: {
    weight: 3,
    troublesGates: true,
    draw: ({ random }) => ({ amount: (10 + random.int(45)) * 60_000 }),
    begin(run, { amount }) {
      for (const node of run.world.nodes.values()) node.stop();
      run.say(`everything is off for ${Math.round(amount / 60_000)} minutes`);
      // Nothing runs that could tell how the time passes: it need not be simulated.
      run.world.clock.jumpWall(amount);
    },
    end(run) {
      // A gate may be there before the theatre agent can tell it how old its data is.
      for (const { id } of run.world.gates) {
        run.revive(id);
        run.ambushes.sendGuest(id, 600);
      }
      run.at(run.world.runMs + theatreLaterMs, () => run.revive('theatre'));
    },
  },
};
