import type { z } from 'zod';

import type { FeedRow, theatreInputSchema } from '@foyer/contracts';

import { seededUniform } from '../camera/random.ts';
import { bookShow } from './bookings.ts';
import type { PastBooking } from './bookings.ts';
import { films } from './films.ts';
import type { Film } from './films.ts';
import { halls } from './halls.ts';
import type { Hall } from './halls.ts';
import { doors, planShows } from './shows.ts';
import type { PlannedShow } from './shows.ts';
import { makeSignage } from './signage.ts';
import type { WorldSignage } from './signage.ts';

/** A whole theatre, invented: what `foyer up` fills the cloud with. */
export interface World {
  readonly theatre: z.infer<typeof theatreInputSchema>;
  readonly halls: readonly Hall[];
  readonly films: readonly Film[];
  readonly shows: readonly PlannedShow[];
  /** The theatre agent, the gates and the display boxes. */
  readonly nodes: readonly FeedRow<'node'>[];
  readonly bookings: readonly PastBooking[];
  /** Null without display boxes. */
  readonly signage: WorldSignage | null;
}

/** Draws the world: the same seed, time and gates give the same world. */
export interface WorldRequest {
  readonly seed: number;
  /** UTC milliseconds; shows lie around it. */
  readonly nowMs: number;
  /** How many gates, 1..12. */
  readonly gates: number;
  /** How many display boxes; none by default. */
  readonly boxes?: number;
}

/** The number of the theatre that is simulated. */
export const theatreNo = 7;

/** The zone of its clocks. */
export const theatreZone = 'Europe/Dublin';

/** Its name on boards and pages. */
export const theatreName = 'The Halcyon';

/** Node ids of display boxes: `screen-1`... */
export const boxIds = (boxes: number): string[] =>
  Array.from({ length: boxes }, (_, index) => `screen-${index + 1}`);

/** The player of a display box: `player-1` for `screen-1`. */
export const playerOf = (box: string): string => box.replace('screen', 'player');

/** Whether a program is a player. */
export const isPlayer = (program: string): boolean => program.startsWith('player-');

/** The box of a player: `screen-1` for `player-1`. */
export const boxOf = (player: string): string => player.replace('player', 'screen');

/** Whether a node id is a display box's. */
export const isBox = (node: string): boolean => node.startsWith('screen-');

/** A gate's node id: `gate-1`... */
export const gateId = (index: number): string => `gate-${index + 1}`;

/**
 * The halls that a gate serves. Most halls can be reached through two gates, so that two people
 * with one code can try both at once; every fourth hall has one gate only, so that there is a wrong
 * gate.
 */
export function hallsOfGate(gate: number, gates: number): string[] {
  return halls
    .filter((_, hall) => {
      if (gates === 1 || hall % gates === gate) return true;
      return hall % 4 !== 3 && (hall + 1) % gates === gate;
    })
    .map((hall) => hall.auditorium);
}

function nodesFor({ gates, boxes = 0 }: WorldRequest): FeedRow<'node'>[] {
  const theatre: FeedRow<'node'> = {
    nodeId: 'theatre',
    role: 'theatre',
    name: 'Theatre server',
    auditoriums: [],
    status: 'active',
    meshUrl: null,
  };
  return [
    theatre,
    ...Array.from({ length: gates }, (_, index): FeedRow<'node'> => ({
      nodeId: gateId(index),
      role: 'gate',
      name: `Gate ${index + 1}`,
      auditoriums: hallsOfGate(index, gates),
      status: 'active',
      meshUrl: null,
    })),
    ...boxIds(boxes).map((nodeId, index): FeedRow<'node'> => ({
      nodeId,
      role: 'screen',
      name: `Display box ${index + 1}`,
      auditoriums: [],
      status: 'active',
      meshUrl: null,
    })),
  ];
}

/** Eight halls, ten films, forty shows around now and about two thousand bookings. */
export function makeWorld(request: WorldRequest): World {
  const uniform = seededUniform(request.seed);
  const boxes = request.boxes ?? 0;
  const shows = planShows(halls, request.nowMs, uniform);
  const bookings = shows.flatMap((planned) => {
    const hall = halls.find((each) => each.auditorium === planned.show.auditorium);
    return hall === undefined ? [] : bookShow(planned, hall, uniform);
  });
  return {
    theatre: {
      theatreNo,
      name: theatreName,
      timeZone: theatreZone,
      currency: 'EUR',
      doorsOpenBeforeMin: doors.openBeforeMin,
      doorsCloseAfterMin: doors.closeAfterMin,
      staleAfterMin: 30,
      classes: { default: { mode: 'open' } },
    },
    halls,
    films,
    shows,
    nodes: nodesFor(request),
    bookings,
    signage: boxes === 0 ? null : makeSignage(theatreNo, boxIds(boxes)),
  };
}
