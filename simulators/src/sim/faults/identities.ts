import type { FaultKinds } from './fault.ts';
import { anyGate, isGate } from './fault.ts';

/** Between two guests who come to the two machines in turn, ms. */
const guestEveryMs = 350;
/** Between two nodes that get the new program, ms. */
const upgradeEveryMs = 400;

/** Who is who: machines with one name, a machine with two, and programs of two versions. */
export const identityFaults: FaultKinds = {
  // The others hear the one or the other, as a switch happens to learn where the name is.
  twin: {
    weight: 1,
    brief: true,
    leastMs: 3500,
    troublesGates: true,
    draw: (draw) => ({ ...anyGate(draw), amount: 300 + draw.random.int(1500) }),
    begin(run, { node, amount, endMs }, random) {
      const twin = run.beginTwin(node);
      const flip = (second: boolean): void => {
        twin.take(second);
        if (run.world.runMs + amount < endMs) run.at(run.world.runMs + amount, () => flip(!second));
      };
      run.at(run.world.runMs + 400, () => flip(true));
      for (let atMs = 600; run.world.runMs + atMs < endMs - 200; atMs += guestEveryMs) {
        const text = run.ambushes.sendGuest(node, atMs);
        // Half of them come to both machines.
        if (random.chance(0.5)) continue;
        run.at(run.world.runMs + atMs + random.float() * 300, () =>
          twin.holdUp(text, random.uuid()),
        );
      }
    },
    end: (run, { node }) => run.endTwin(node),
  },
  'gate-renamed': {
    weight: 1,
    troublesGates: true,
    draw: anyGate,
    begin: (run, { node }) => run.renameNode(node, `${node}-b`),
  },
  // Some speak as the version before did, others as this one; then the theatre agent and the gates
  // get the new program, one after the other.
  'half-upgraded': {
    weight: 1,
    leastMs: 4000,
    troublesGates: true,
    draw: ({ random, nodes }) => {
      const some = nodes.filter(() => random.chance(0.5));
      return { groups: [some.length > 0 ? some : nodes] };
    },
    begin(run, { groups }) {
      for (const node of groups.flat()) {
        run.kill(node, 'the program of before is back');
        run.world.node(node).isPrevious = true;
        run.revive(node);
      }
    },
    end(run, { groups }) {
      const theatreFirst = groups.flat().toSorted((a, b) => Number(isGate(a)) - Number(isGate(b)));
      for (const [at, node] of theatreFirst.entries()) {
        run.world.node(node).isPrevious = false;
        run.at(run.world.runMs + at * upgradeEveryMs, () => {
          run.kill(node, 'it gets the new program');
          run.revive(node);
        });
      }
    },
  },
};
