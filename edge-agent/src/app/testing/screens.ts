import { randomUUID } from 'node:crypto';
import type { Play, ScreenReport } from '@foyer/contracts';

/** What a screen that is well says of itself. */
export function reportOf(screenId: string, atMs: number): ScreenReport {
  return {
    screenId,
    atMs,
    programmeHash: null,
    fetchingHash: null,
    playing: null,
    mode: 'normal',
    emergencyId: null,
    pageAgeMs: 100,
    display: 'matched',
    panel: 'on',
    cache: { files: 1, bytes: 1000, missing: 0 },
    plays: 0,
    blankMs: 0,
    faults: [],
    lastCommandId: null,
  };
}

/** A play of eight seconds that began at a moment: as it is told at its start. */
export function startOf(startedAtMs: number, screenId = 'lobby-1'): Play {
  return {
    playId: randomUUID(),
    screenId,
    itemId: 'welcome',
    campaignId: 'house',
    decisionId: null,
    programmeHash: 'ab'.repeat(32),
    startedAtMs,
    endedAtMs: null,
    outcome: 'playing',
    display: 'unsampled',
  };
}

/** The same play, as it is told at its end. */
export function endedPlay(play: Play): Play {
  const endedAtMs = play.startedAtMs + 8000;
  return { ...play, endedAtMs, outcome: 'complete', display: 'matched' };
}
