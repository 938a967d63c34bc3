import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { checkAll } from '../checkers/index.ts';
import { converge } from './converge.ts';
import { countLosses, gatherEvidence } from './evidence.ts';
import type { TortureResult } from './options.ts';
import type { Torture } from './torture.ts';

const distinct = (values: readonly string[]): number => new Set(values).size;

/** Stops the theatre, opens every database, and holds the run to the promises. */
export async function wrapUp(torture: Torture, skipped: readonly string[]): Promise<TortureResult> {
  const { options, house, watch, observer } = torture;
  const converged = await converge(observer, house.nodes, options.signal);
  const states = await Promise.all(house.nodes.map((node) => observer.status(node)));
  await house.stopPrograms();
  const faults = JSON.stringify(watch.log.faults, null, 1);
  writeFileSync(join(house.settings.dir, 'faults.json'), faults);
  const evidence = await gatherEvidence(house, watch, converged, states);
  const seen = [...watch.verdicts, ...watch.probes];
  const counted = (colour: string): number =>
    distinct(seen.flatMap(({ verdict }) => (verdict.colour === colour ? [verdict.scanId] : [])));
  const [greens, reds, ambers] = [counted('green'), counted('red'), counted('amber')];
  const gone = watch.failedScans.map(({ gate, scanId }) => `${gate} never answered ${scanId}.`);
  const stuckAt = [...torture.stuckAt, ...watch.unanswered, ...gone, ...converged.left];
  const mishaps = [...house.mishaps, ...(house.room?.mishaps ?? [])];
  const crashes = mishaps.map((detail) => ({ law: 'no-crash', detail }));
  return {
    minutes: options.minutes,
    seed: options.seed,
    scans: greens + reds + ambers,
    ...{ greens, reds, ambers },
    errors: watch.errorCount,
    ...countLosses(evidence),
    stuck: stuckAt.length,
    stuckAt: stuckAt.slice(0, 50),
    kills: [...house.kills.values()].reduce((sum, count) => sum + count, 0),
    phases: torture.results,
    skipped,
    violations: [...checkAll(evidence), ...crashes],
  };
}
