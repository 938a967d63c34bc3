import { randomUUID } from 'node:crypto';

import { localOperations } from '@foyer/contracts';

import type { House } from './house.ts';
import type { KeepAliveClient } from './keep-alive.ts';

/** What the gates decided when they were asked as fast as they answered. */
export interface Saturated {
  readonly scansPerSecond: number;
  readonly scans: number;
  readonly greens: number;
  readonly flagged: number;
  /** Verdicts that were no green, by reason: every ticket was fresh and valid. */
  readonly refused: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Scans under way at one gate: more than a gate's lane of people could ever make. */
export const inFlightPerGate = 8;

/** Asks one gate's local API for one verdict. */
export async function askGate(house: House, client: KeepAliveClient, gate: string, text: string) {
  const url = house.url(gate, localOperations.scan.path);
  return localOperations.scan.response.parse(
    await client.postJson(url, { scanId: randomUUID(), text }),
  );
}

/**
 * Sends fresh tickets straight to the local APIs of all gates, `inFlightPerGate` at a time at each,
 * for `seconds` or until no text is left.
 */
export async function saturatedPhase(
  house: House,
  client: KeepAliveClient,
  texts: readonly string[],
  seconds: number,
): Promise<Saturated> {
  const beganMs = performance.now();
  const untilMs = beganMs + seconds * 1000;
  const left = texts.values();
  const counts = { scans: 0, greens: 0, flagged: 0 };
  const refused: Record<string, number> = {};
  const lane = async (gate: string): Promise<void> => {
    while (performance.now() < untilMs) {
      const next = left.next();
      if (next.done) return;
      const verdict = await askGate(house, client, gate, next.value);
      counts.scans += 1;
      if (verdict.colour === 'green') counts.greens += 1;
      else refused[verdict.reason] = (refused[verdict.reason] ?? 0) + 1;
      if (verdict.flags.length > 0) counts.flagged += 1;
    }
  };
  const lanes = house.gates.flatMap((gate) =>
    Array.from({ length: inFlightPerGate }, () => lane(gate)),
  );
  await Promise.all(lanes);
  const tookS = (performance.now() - beganMs) / 1000;
  return { ...counts, refused, seconds: tookS, scansPerSecond: counts.scans / tookS };
}
