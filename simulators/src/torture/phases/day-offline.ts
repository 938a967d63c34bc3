import type { Observer } from '../../up/observer.ts';
import { wait } from '../stage.ts';
import type { Phase, Stage } from '../stage.ts';

const wantedAdmissions = 10_000;
const longestDrainMs = 120_000;
const lookMs = 200;

async function untilDrained(stage: Stage, target: number): Promise<number | null> {
  const { observer } = stage;
  const beganMs = performance.now();
  while (performance.now() - beganMs < longestDrainMs) {
    if ((await admissionsIn(observer)) >= target) return performance.now() - beganMs;
    await wait(stage, lookMs);
  }
  return null;
}

const admissionsIn = async (observer: Observer): Promise<number> =>
  (await observer.summary())?.admissions ?? 0;

/** A theatre without internet admits ten thousand; they drain while its gates go on. */
export const dayOffline: Phase = {
  name: 'day-offline',
  what: '10,000 admissions are queued without internet, then drained while gates scan',
  share: 0,
  whyNot: () => null,
  async play(stage) {
    const { house, watch, guests, observer, signal } = stage;
    const wanted = Math.round(wantedAdmissions * stage.scale);
    const end = watch.log.begin('day-offline');
    await guests.pause();
    const before = await admissionsIn(observer);
    house.cabling.cut('wan');
    try {
      const { greens, seconds } = await guests.rush(wanted, signal);
      const inCloud = (await admissionsIn(observer)) - before;
      const queued = greens - inCloud;
      const figures = watch.mark();
      guests.begin();
      house.cabling.mend('wan');
      const drainMs = await untilDrained(stage, before + greens);
      const { verdictP50Ms, verdictP99Ms, scans, errors } = figures();
      return {
        queued,
        admittedPerS: Math.round(greens / seconds),
        drainMs: drainMs === null ? 'not drained' : Math.round(drainMs),
        drainedPerS: drainMs === null ? 0 : Math.round((queued / drainMs) * 1000),
        scansMeanwhile: scans,
        errorsMeanwhile: errors,
        verdictP50MsMeanwhile: verdictP50Ms,
        verdictP99MsMeanwhile: verdictP99Ms,
      };
    } finally {
      house.cabling.mend('wan');
      guests.begin();
      end();
    }
  },
};
