import { countdown, drawn, oneOf, shuffled, wait } from '../stage.ts';
import type { Phase, Stage } from '../stage.ts';

async function killOnce(stage: Stage, name: string): Promise<void> {
  const { house, watch, uniform } = stage;
  const end = watch.log.begin(`kill ${name}`);
  await house.kill(name);
  await wait(stage, drawn(stage, 50, 1_200));
  const back = house.revive(name);
  if (uniform() < 0.25) {
    // Killed again while it starts: a start must be as safe to interrupt as anything else.
    await wait(stage, drawn(stage, 30, 500));
    await house.kill(name);
    await back;
    await house.revive(name);
  } else await back;
  end();
}

/** kill -9 of every process, again and again, also of two at once and of one that just starts. */
export const kills: Phase = {
  name: 'kills',
  what: 'kill -9 of every process in turn, also two at once, also while it starts',
  share: 22,
  whyNot: () => null,
  async play(stage) {
    const { house } = stage;
    const victims = ['cloud', 'broker', ...house.nodes];
    const before = new Map(house.kills);
    const leftMs = countdown(stage);
    for (const name of shuffled(stage, victims)) {
      await killOnce(stage, name);
      if (leftMs() < 0) break;
    }
    while (leftMs() > 0) {
      const both = new Set([oneOf(stage, victims), oneOf(stage, victims)]);
      const hit = stage.uniform() < 0.4 ? [...both] : [...both].slice(0, 1);
      await Promise.all(hit.map((name) => killOnce(stage, name)));
      await wait(stage, drawn(stage, 100, 900));
    }
    const counts = victims.map(
      (name) => [`kill ${name}`, (house.kills.get(name) ?? 0) - (before.get(name) ?? 0)] as const,
    );
    return Object.fromEntries(counts);
  },
};
