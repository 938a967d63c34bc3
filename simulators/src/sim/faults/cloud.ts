import type { FaultKinds } from './fault.ts';

/** What happens to the cloud, and what operators do to the fleet. */
export const cloudFaults: FaultKinds = {
  'cloud-crash': {
    weight: 2,
    troublesGates: false,
    draw: () => ({}),
    begin: (run) => run.killCloud((disk) => disk.crash()),
    end: (run) => run.startCloud(),
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
