import type { RunEvidence } from '../evidence.ts';
import { checkAll } from '../laws.ts';
import { soundRun, type Draft, type DraftVerdict } from './run.ts';

/** The laws that a spoiled run breaks, each once. */
export function broken(spoil: (run: Draft) => void): string[] {
  const run = soundRun();
  spoil(run);
  return [...new Set(checkAll(run as RunEvidence).map(({ law }) => law))];
}

function first<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error('The sound run has none of these.');
  return one;
}

const greens = (run: Draft): DraftVerdict[] =>
  run.verdicts.filter(({ verdict }) => verdict.colour === 'green');
export const plainGreen = (run: Draft): DraftVerdict => first(greens(run));
export const copy = <T>(value: T): T => structuredClone(value);
export const gateEnd = (run: Draft, node = 'gate-1') =>
  first(run.nodes.filter((end) => end.node === node));
export const otherId = (id: string): string => id.replace('4000', '4fff');

/** Takes an event from everywhere but the list of what was committed. */
export function loseEvent(run: Draft, eventId: string): void {
  const others = <T extends { eventId: string }>(events: T[]): T[] =>
    events.filter((event) => event.eventId !== eventId);
  run.cloud.events = others(run.cloud.events);
  run.cloud.admissions = others(run.cloud.admissions);
  for (const end of run.nodes) end.events = others(end.events);
}
