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
  /** From the moment that the scanner had the frame to its verdict, by the scanner's clock. */
  readonly frameToVerdictMs: number;
  /** The same with the frame's way over HTTP and back, as its sender saw it. */
  readonly postToVerdictMs: number;
  readonly colour: string;
  readonly flagged: boolean;
}

/** Time between the guests of one gate: two scans a second, and for warming up eight. */
export const pace = { measuredMs: 500, warmUpMs: 125 } as const;

const spreadShare = 0.8;

function frameTimeOf(serverTiming: string | string[] | undefined): number {
  const told = /(?:^|[, ])frame;dur=([\d.]+)/.exec(String(serverTiming))?.[1];
  if (told === undefined) throw new Error('The scanner did not say how long a frame took.');
  return Number(told);
}

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
  const postToVerdictMs = performance.now() - startMs;
  const { decodeMs, scanMs, verdict } = scannerOperations.frame.response.parse(answer.body);
  return {
    frame,
    decodeMs,
    scanMs,
    frameToVerdictMs: frameTimeOf(answer.headers['server-timing']),
    postToVerdictMs,
    colour: verdict?.colour ?? 'none',
    flagged: (verdict?.flags.length ?? 0) > 0,
  };
}

/**
 * Holds up a fresh ticket at each gate every `slotMs`, at a moment of its own within that time,
 * until the frames are used up.
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
