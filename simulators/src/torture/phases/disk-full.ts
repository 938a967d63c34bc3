import { whyNot } from '../netns.ts';
import { wait } from '../stage.ts';
import type { Figures, Phase } from '../stage.ts';

/** The disk of one gate is filled to its last page, and freed again. */
export const diskFull: Phase = {
  name: 'disk-full',
  what: "a gate's disk is filled while it admits, and freed",
  share: 8,
  whyNot: () => whyNot('mount'),
  async play(stage): Promise<Figures> {
    const { house, watch, guests } = stage;
    const { smallDisk } = house;
    if (smallDisk === null) return {};
    const refusedBefore = watch.errors.get('disk-full') ?? 0;
    const end = watch.log.begin('disk-full');
    const fillerBytes = smallDisk.fill();
    try {
      // The write-ahead log has room of its own: it takes admissions until that is used up.
      const full = (): boolean => (watch.errors.get('disk-full') ?? 0) > refusedBefore + 20;
      const beganMs = performance.now();
      while (!full() && performance.now() - beganMs < stage.budgetMs) {
        smallDisk.fill();
        await Promise.race([guests.hurry(house.diskGate, 40), wait(stage, 1_000)]);
      }
      await wait(stage, Math.max(1_000, stage.budgetMs / 3));
    } finally {
      smallDisk.free();
      end();
    }
    const refused = (watch.errors.get('disk-full') ?? 0) - refusedBefore;
    return { fillerBytes, refusedForFullDisk: refused };
  },
};
