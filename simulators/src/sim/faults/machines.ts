import type { FaultKinds } from './fault.ts';
import { anyNode, hitsGate, twoGates } from './fault.ts';

/** Processes that die, disks that fail, copy or age, clocks that err. */
export const machineFaults: FaultKinds = {
  crash: {
    weight: 3,
    troublesGates: hitsGate,
    draw: anyNode,
    begin: (run, { node }) => run.kill(node, 'killed'),
    end: (run, { node }) => run.revive(node),
  },
  'crash-at-step': {
    weight: 5,
    troublesGates: hitsGate,
    draw: (draw) => ({ ...anyNode(draw), amount: 1 + draw.random.int(60) }),
    begin(run, { node, amount }) {
      const die = (): void => run.kill(node, 'killed between two steps');
      run.world.node(node).crashAfterSteps(amount, die);
    },
    end: (run, { node }) => run.revive(node),
  },
  'crash-loop': {
    weight: 2,
    brief: true,
    troublesGates: hitsGate,
    draw: (draw) => ({ ...anyNode(draw), amount: 500 + draw.random.int(3000) }),
    begin(run, { node, amount, endMs }) {
      const again = (): void => {
        run.kill(node, 'killed again');
        run.revive(node);
        const nextMs = run.world.runMs + amount;
        if (nextMs < endMs) run.at(nextMs, again);
      };
      again();
    },
    end: (run, { node }) => run.revive(node),
  },
  'power-cut': {
    weight: 4,
    troublesGates: hitsGate,
    draw: anyNode,
    begin: (run, { node }, random) =>
      run.kill(node, 'the power was cut', (disk) => disk.powerCut(random)),
    end: (run, { node }) => run.revive(node),
  },
  'power-cut-all': {
    weight: 2,
    troublesGates: true,
    draw: () => ({}),
    begin(run, _fault, random) {
      for (const node of run.world.nodes.keys()) {
        run.kill(node, 'the power was cut', (disk) => disk.powerCut(random));
      }
    },
    end(run) {
      for (const node of run.world.nodes.keys()) run.revive(node);
    },
  },
  'disk-full': {
    weight: 2,
    brief: true,
    troublesGates: hitsGate,
    draw: (draw) => ({ ...anyNode(draw), amount: draw.random.int(40) }),
    begin: ({ world }, { node, amount }) => world.node(node).fillDiskAfterSteps(amount),
    end: ({ world }, { node }) => world.node(node).freeDisk(),
  },
  'bit-rot': {
    weight: 2,
    troublesGates: hitsGate,
    draw: (draw) => ({ ...anyNode(draw), amount: 1 + draw.random.int(6) }),
    begin(run, { node, amount }, random) {
      run.loseDisk(node, 'rotten', (disk) => disk.rot(random, amount));
    },
    end: (run, { node }) => run.revive(node),
  },
  'disk-replaced': {
    weight: 2,
    troublesGates: hitsGate,
    draw: anyNode,
    begin: (run, { node }) => run.loseDisk(node, 'replaced', (disk) => disk.replace()),
    end: (run, { node }) => run.revive(node),
  },
  'disk-restored': {
    weight: 3,
    troublesGates: hitsGate,
    draw: anyNode,
    begin: (run, { node }) => run.backUp(node),
    end(run, { node }) {
      run.restore(node);
      run.revive(node);
    },
  },
  'disk-cloned': {
    weight: 2,
    troublesGates: true,
    draw: twoGates,
    begin: (run, { node, other }) => run.cloneDisk(node, other),
    end: (run, { other }) => run.revive(other),
  },
  'clock-jump': {
    weight: 2,
    troublesGates: hitsGate,
    draw: (draw) => ({
      ...anyNode(draw),
      amount: Math.round((draw.random.float() * 2 - 1) * 10 ** (3 + draw.random.int(6))),
    }),
    begin: ({ world }, { node, amount }) => {
      world.node(node).wall.offsetMs += amount;
    },
    end: ({ world }, { node, amount }) => {
      world.node(node).wall.offsetMs -= amount;
    },
  },
  'clock-drift': {
    weight: 2,
    troublesGates: hitsGate,
    draw: (draw) => ({ ...anyNode(draw), amount: (draw.random.float() * 2 - 1) * 0.5 }),
    begin({ world }, { node, amount }) {
      Object.assign(world.node(node).wall, { drift: amount, driftSinceMs: world.runMs });
    },
    end({ world }, { node }) {
      Object.assign(world.node(node).wall, { drift: 0, driftSinceMs: 0 });
    },
  },
};
