import { whyNot } from '../netns.ts';
import { countdown, drawn, wait } from '../stage.ts';
import type { Figures, Phase } from '../stage.ts';

/** A gate in a network namespace of its own loses its cable: the kernel's TCP sees it vanish. */
export const pulledCable: Phase = {
  name: 'pulled-cable',
  what: "a gate's network cable is pulled and plugged in again (network namespaces)",
  share: 10,
  whyNot: () => whyNot('ip'),
  async play(stage): Promise<Figures> {
    const { house, watch } = stage;
    const { room, roomGate } = house;
    if (room === null) return {};
    const leftMs = countdown(stage);
    let pulls = 0;
    let withoutCableMs = 0;
    while (leftMs() > 0) {
      const end = watch.log.begin(`pulled cable of ${roomGate}`);
      const pulledMs = performance.now();
      room.cable.pull();
      pulls += 1;
      // Long enough for the mesh to see it, and at times for the kernel to give connections up.
      const apartMs = pulls % 3 === 1 ? drawn(stage, 5_000, 8_000) : drawn(stage, 300, 2_500);
      await wait(stage, apartMs).finally(() => room.cable.plug());
      withoutCableMs += performance.now() - pulledMs;
      end();
      await wait(stage, Math.max(0, Math.min(leftMs(), drawn(stage, 800, 2_000))));
    }
    return { pulls, withoutCableMs: Math.round(withoutCableMs) };
  },
};
