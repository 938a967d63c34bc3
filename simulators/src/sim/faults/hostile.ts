import type { Heard } from '../world.ts';
import type { FaultKinds, Hands } from './fault.ts';

/** Between two hostile payloads, ms. */
const everyMs = 60;

function garbled(payload: Uint8Array, flips: number, pick: (count: number) => number): Uint8Array {
  const copy = payload.slice();
  for (let left = flips; left > 0 && copy.length > 0; left -= 1) {
    const at = pick(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << pick(8));
  }
  return copy;
}

/** Sends a payload again, and looks at whoever gets it before and after. */
function replay(run: Hands, heard: Heard): void {
  const node = run.world.nodes.get(heard.to.split('/').at(-1) ?? '');
  if (node !== undefined) run.look(node.id);
  run.world.say(heard);
  if (node !== undefined) run.look(node.id);
}

/** Payloads that were heard come again, late, cut short, with bits flipped; and bare noise. */
export const hostileFaults: FaultKinds = {
  replays: {
    weight: 3,
    brief: true,
    troublesGates: false,
    draw: () => ({}),
    begin(run, { endMs }, random) {
      const again = (): void => {
        const heard = run.world.heard();
        if (heard.length > 0) replay(run, random.pick(heard));
        if (run.world.runMs + everyMs < endMs) run.at(run.world.runMs + everyMs, again);
      };
      again();
    },
  },
  garbage: {
    weight: 2,
    brief: true,
    troublesGates: false,
    draw: () => ({}),
    begin(run, { endMs }, random) {
      const again = (): void => {
        const heard = run.world.heard();
        const nodes = [...run.world.nodes.keys()];
        const known = heard.length > 0 ? random.pick(heard) : null;
        const noise = random.bytes(1 + random.int(200));
        const from = known?.from ?? random.pick(nodes);
        const to = known?.to ?? random.pick(nodes);
        const whole = known?.payload ?? noise;
        const kind = random.int(3);
        const payload =
          kind === 0
            ? noise
            : kind === 1
              ? whole.slice(0, random.int(whole.length + 1))
              : garbled(whole, 1 + random.int(4), (count) => random.int(count));
        run.injected(from);
        run.world.say({ link: known?.link ?? 'lan', from, to, payload });
        if (run.world.runMs + everyMs < endMs) run.at(run.world.runMs + everyMs, again);
      };
      again();
    },
  },
};
