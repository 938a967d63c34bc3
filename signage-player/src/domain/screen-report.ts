import type { Programme, ScreenReport } from '@foyer/contracts';

import type { Pulse } from '../wire.ts';

/** A fault record: what is wrong with what. */
export type Fault = ScreenReport['faults'][number];

const shownFaults = 5;
const longestCode = 40;
const longestObject = 80;

/** Counters of pages that are gone, so that a reload does not set them back. */
export interface Before {
  readonly pageId: string | null;
  readonly plays: number;
  readonly blankMs: number;
  /** Of the page that is there. */
  readonly pagePlays: number;
  readonly pageBlankMs: number;
}

export const nothingBefore: Before = {
  pageId: null,
  plays: 0,
  blankMs: 0,
  pagePlays: 0,
  pageBlankMs: 0,
};

/** Adds up over the pages of a screen: each counts from its own start. */
export function addPage(before: Before, pulse: Pulse): Before {
  const isNew = before.pageId !== pulse.pageId;
  return {
    pageId: pulse.pageId,
    plays: before.plays + (isNew ? before.pagePlays : 0),
    blankMs: before.blankMs + (isNew ? before.pageBlankMs : 0),
    pagePlays: pulse.plays,
    pageBlankMs: pulse.blankMs,
  };
}

/**
 * Adds a fault, the newest first. The same one again within ten minutes is not news, unless it
 * made the watchdog do something: each of its steps is told.
 */
export function addFault(faults: readonly Fault[], fault: Fault): readonly Fault[] {
  const code = fault.code.slice(0, longestCode);
  const object = fault.object.slice(0, longestObject);
  const isStep = fault.rung !== undefined && fault.rung !== 'none';
  const isKnown = faults.some(
    (known) =>
      known.code === code &&
      known.object === object &&
      Math.abs(fault.atMs - known.atMs) < sameFaultMs,
  );
  if (isKnown && !isStep) return faults;
  return [{ ...fault, code, object }, ...faults].slice(0, shownFaults);
}

const sameFaultMs = 600_000;

export interface ReportParts {
  readonly screenId: string;
  readonly nowMs: number;
  readonly programme: Programme | null;
  readonly fetchingHash: string | null;
  readonly pulse: Pulse | null;
  readonly pulseAgeMs: number | null;
  readonly before: Before;
  readonly panel: ScreenReport['panel'];
  readonly cache: ScreenReport['cache'];
  readonly faults: readonly Fault[];
  readonly lastCommandId: string | null;
}

/** What a screen says of itself. What no page said is `unsampled` or unknown, never assumed. */
export function reportOf(parts: ReportParts): ScreenReport {
  const { pulse, screenId, nowMs, programme, before } = parts;
  const standby =
    programme?.screens.find((screen) => screen.screenId === screenId)?.mode === 'standby';
  const playing = pulse?.playing ?? null;
  return {
    screenId,
    atMs: nowMs,
    programmeHash: pulse?.programmeHash ?? programme?.hash ?? null,
    fetchingHash: parts.fetchingHash,
    playing:
      playing === null
        ? null
        : { itemId: playing.itemId, campaignId: playing.campaignId, sinceMs: playing.sinceMs },
    mode: pulse?.mode ?? (standby ? 'standby' : 'fallback'),
    emergencyId: pulse?.emergencyId ?? null,
    pageAgeMs: parts.pulseAgeMs === null ? null : Math.max(0, Math.round(parts.pulseAgeMs)),
    display: pulse?.display ?? 'unsampled',
    panel: parts.panel,
    cache: parts.cache,
    plays: before.plays + before.pagePlays,
    blankMs: Math.round(before.blankMs + before.pageBlankMs),
    faults: [...parts.faults],
    lastCommandId: parts.lastCommandId,
  };
}
