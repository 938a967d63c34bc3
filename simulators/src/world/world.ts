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

/** A whole theatre, invented: what `foyer up` fills the cloud with. */
export interface World {
  readonly theatre: z.infer<typeof theatreInputSchema>;
  readonly halls: readonly Hall[];
  readonly films: readonly Film[];
  readonly shows: readonly PlannedShow[];
  /** The theatre agent and the gates. */
  readonly nodes: readonly FeedRow<'node'>[];
  readonly bookings: readonly PastBooking[];
}

/** Draws the world: the same seed, time and gates give the same world. */
export interface WorldRequest {
  readonly seed: number;
  /** UTC milliseconds; shows lie around it. */
  readonly nowMs: number;
  /** How many gates, 1..12. */
  readonly gates: number;
}

/** The number of the theatre that is simulated. */
export const theatreNo = 7;

/** Its name on boards and pages. */
export const theatreName = 'The Halcyon';

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

function nodesFor(gates: number): FeedRow<'node'>[] {
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
  ];
}

/** Eight halls, ten films, forty shows around now and about two thousand bookings. */
export function makeWorld(request: WorldRequest): World {
  const uniform = seededUniform(request.seed);
  const shows = planShows(halls, request.nowMs, uniform);
  const bookings = shows.flatMap((planned) => {
    const hall = halls.find((each) => each.auditorium === planned.show.auditorium);
    return hall === undefined ? [] : bookShow(planned, hall, uniform);
  });
  return {
    theatre: {
      theatreNo,
      name: theatreName,
      timeZone: 'Europe/Dublin',
      currency: 'EUR',
      doorsOpenBeforeMin: doors.openBeforeMin,
      doorsCloseAfterMin: doors.closeAfterMin,
      staleAfterMin: 30,
      classes: { default: { mode: 'open' } },
    },
    halls,
    films,
    shows,
    nodes: nodesFor(request.gates),
    bookings,
  };
}
