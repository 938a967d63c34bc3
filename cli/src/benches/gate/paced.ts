import { setTimeout as pause } from 'node:timers/promises';

import { scannerOperations } from '@foyer/contracts';

import type { GateFrame } from './frames.ts';
import type { House } from './house.ts';
import { scannerOf } from './house.ts';
import type { KeepAliveClient } from './keep-alive.ts';

/** One guest's frame, from the camera to the lamp. */
export interface PacedScan {
  readonly frame: GateFrame;
  readonly decodeMs: number;
  /** The local API's request to its answer, seen by the scanner; null when nothing was read. */
  readonly scanMs: number | null;
  /** From sending the frame to its verdict. */
  readonly frameToVerdictMs: number;
  readonly colour: string;
  readonly flagged: boolean;
}

/** Time between the guests of one gate: two scans a second, and for warming up eight. */
export const pace = { measuredMs: 500, warmUpMs: 125 } as const;

const spreadShare = 0.8;

async function scanOne(
  house: House,
  client: KeepAliveClient,
  gate: string,
  frame: GateFrame,
): Promise<PacedScan> {
  const { picture } = frame;
  const url = house.url(scannerOf(gate), scannerOperations.frame.path);
  const headers = {
    'content-type': 'application/octet-stream',
    'x-frame-width': String(picture.width),
    'x-frame-height': String(picture.height),
    'x-camera': 'gate',
  };
  const startMs = performance.now();
  const answer = await client.post(url, headers, picture.data);
  const frameToVerdictMs = performance.now() - startMs;
  const { decodeMs, scanMs, verdict } = scannerOperations.frame.response.parse(answer);
  return {
    frame,
    decodeMs,
    scanMs,
    frameToVerdictMs,
    colour: verdict?.colour ?? 'none',
    flagged: (verdict?.flags.length ?? 0) > 0,
  };
}

/**
 * Holds up a fresh ticket at each gate every `slotMs`, at a moment of its own within that time, until
 * the frames are used up.
 * @param uniform decides the moments.
 */
export async function pacedPhase(
  house: House,
  client: KeepAliveClient,
  frames: readonly GateFrame[],
  { slotMs, uniform }: { slotMs: number; uniform: () => number },
): Promise<PacedScan[]> {
  const { gates } = house;
  const beganMs = performance.now();
  const plans = frames.map((frame, index) => ({
    frame,
    gate: gates[index % gates.length] ?? '',
    atMs: (Math.floor(index / gates.length) + uniform() * spreadShare) * slotMs,
  }));
  return Promise.all(
    plans.map(async ({ frame, gate, atMs }) => {
      await pause(beganMs + atMs - performance.now());
      return scanOne(house, client, gate, frame);
    }),
  );
}

/** Frames that `seconds` at one scan every `slotMs` at each gate need. */
export const framesFor = (seconds: number, slotMs: number, gates: number): number =>
  Math.round((seconds * 1000) / slotMs) * gates;
