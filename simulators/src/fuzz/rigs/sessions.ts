import type { Message, Role } from '@foyer/contracts';

import { frameShape } from '../shapes/frames.ts';
import { listShape, packList, unpackList } from '../shapes/list.ts';
import type { Rig, Shape } from '../target.ts';
import { AgentRig, peerNames } from './agent.ts';
import { framesOf } from './house.ts';

/** A frame with the number of its sender before it. */
const partShape: Shape = {
  mutate(input, source) {
    const { random } = source;
    const sender = random.chance(0.1) ? random.int(peerNames.length) : (input[0] ?? 0);
    if (random.chance(0.05)) return Buffer.concat([Uint8Array.of(sender), input.subarray(1)]);
    const other = (): Uint8Array => source.other().subarray(1);
    const frame = frameShape.mutate(input.subarray(1), { ...source, other });
    return Buffer.concat([Uint8Array.of(sender), frame]);
  },
};

/** Conversations of an agent with its mesh. */
export const sessionShape = listShape(partShape, 16);

/** What one of the others says, as an input. */
export function sessionOf(...parts: readonly (readonly [number, Message])[]): Uint8Array {
  return packList(
    parts.map(([sender, message]) => {
      return Buffer.concat([Uint8Array.of(sender), ...framesOf([message])]);
    }),
  );
}

const betweenMs = 20;
const afterwardsMs = 300;
/** Deciding a scan takes as long as all the rest: it is done after every so many inputs. */
const scanEvery = 4;

/** Plays an input to an agent at work, then looks whether it still works. */
export async function openSession(node: string, role: Role): Promise<Rig> {
  const agent = await AgentRig.open(node, role);
  agent.furnish();
  let runs = 0;
  return {
    async run(input) {
      for (const part of unpackList(input)) {
        const sender = peerNames[(part[0] ?? 0) % peerNames.length] ?? 'theatre';
        if (part.length === 1) agent.mesh.blink(sender);
        else agent.deliver(sender, part.subarray(1));
        agent.clock.advance(betweenMs);
      }
      await agent.clock.advanceAsync(afterwardsMs);
      await agent.assertWorks(runs % scanEvery === 0);
      runs += 1;
    },
    close: () => agent.close(),
  };
}
