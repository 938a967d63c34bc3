import type { Phase } from '../stage.ts';
import { wait } from '../stage.ts';

/** What the same theatre does when nothing is wrong: the others are read beside it. */
export const calm: Phase = {
  name: 'calm',
  what: 'nothing is wrong',
  share: 4,
  whyNot: () => null,
  async play(stage) {
    await wait(stage, stage.budgetMs);
    return {};
  },
};
