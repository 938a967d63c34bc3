import { decodeFrame } from '@foyer/cloud-sync/engine';

import type { FaultKinds } from './fault.ts';

/** A cloud that died starts again so long after, ms. */
const cloudAgainMs = 400;

/** What happens to the cloud, and what operators do to the fleet. */
export const cloudFaults: FaultKinds = {
  'cloud-crash': {
    weight: 2,
    troublesGates: false,
    draw: () => ({}),
    begin: (run) => run.killCloud((disk) => disk.crash()),
    end: (run) => run.startCloud(),
  },
  // It has acknowledged a push, and does nothing more: whatever was to follow is not done.
  'cloud-dies-at-ack': {
    weight: 3,
    leastMs: 2500,
    troublesGates: false,
    draw: ({ random }) => ({ amount: 1 + random.int(5) }),
    begin(run, { amount }) {
      const { cloud } = run.world;
      let left = amount;
      cloud.onSent = (payload) => {
        if (decodeFrame(payload).type === 'ack') left -= 1;
        if (left > 0) return;
        cloud.onSent = null;
        run.killCloud((disk) => disk.crash());
        run.at(run.world.runMs + cloudAgainMs, () => run.startCloud());
      };
    },
    end(run) {
      run.world.cloud.onSent = null;
      run.startCloud();
    },
  },
  'cloud-power-cut': {
    weight: 2,
    troublesGates: false,
    draw: () => ({}),
    begin: (run, _fault, random) => run.killCloud((disk) => disk.powerCut(random)),
    end: (run) => run.startCloud(),
  },
  'cloud-restored': {
    weight: 3,
    troublesGates: false,
    draw: () => ({}),
    begin: (run) => run.backUpCloud(),
    end(run) {
      run.restoreCloud();
      run.startCloud();
    },
  },
};
