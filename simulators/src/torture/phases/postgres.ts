import { countdown, drawn, wait } from '../stage.ts';
import type { Phase } from '../stage.ts';

/** The database server of the cloud is killed while it takes admissions, and recovers. */
export const postgres: Phase = {
  name: 'postgres',
  what: 'kill -9 of PostgreSQL while it takes admissions; it recovers from its log',
  share: 8,
  whyNot: () => null,
  async play(stage) {
    const { house, watch } = stage;
    const leftMs = countdown(stage);
    let killed = 0;
    let recoveryMs = 0;
    do {
      await wait(stage, drawn(stage, 500, 3_000));
      const end = watch.log.begin('postgres');
      await house.kill('postgres');
      await wait(stage, drawn(stage, 100, 2_000));
      const beganMs = performance.now();
      await house.revive('postgres');
      recoveryMs = Math.max(recoveryMs, Math.round(performance.now() - beganMs));
      killed += 1;
      end();
    } while (leftMs() > 3_000);
    return { 'kill postgres': killed, slowestStartMs: recoveryMs };
  },
};
