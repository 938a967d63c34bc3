import type { AdmissionCounts } from './ports.ts';

/** Reads the ledger's counters; `ignored` are those not yet written. */
export function countsOf(counters: ReadonlyMap<string, number>, ignored: number): AdmissionCounts {
  const byShow = new Map<number, number>();
  const byGate = new Map<string, number>();
  let admitted = 0;
  for (const [name, value] of counters) {
    if (name.startsWith('show:')) {
      byShow.set(Number(name.slice(5)), value);
      admitted += value;
    } else if (name.startsWith('gate:')) {
      byGate.set(name.slice(5), value);
    }
  }
  const of = (name: string): number => counters.get(name) ?? 0;
  return {
    greens: of('green'),
    ambers: of('amber'),
    reds: of('red'),
    ignored: of('ignored') + ignored,
    degraded: of('degraded'),
    admitted,
    doublesKnown: of('doubles'),
    byShow,
    byGate,
  };
}
