import type { Uniform } from '../camera/random.ts';
import type { Hall } from './halls.ts';
import { capacityOf } from './halls.ts';
import type { PlannedShow } from './shows.ts';

/** A booking that was made before the run: seats of one show, side by side. */
export interface PastBooking {
  readonly showNo: number;
  readonly seats: string[];
  readonly ticketClass: string;
  /** One code for the whole party. */
  readonly group: boolean;
}

/** Ticket classes by how often they are bought. */
const classes = ['adult', 'adult', 'adult', 'adult', 'student', 'senior', 'child'] as const;
const partySizes = [1, 1, 2, 2, 2, 2, 2, 3, 4, 4] as const;

function pick<T>(list: readonly [T, ...T[]], uniform: Uniform): T {
  return list[Math.floor(uniform() * list.length)] ?? list[0];
}

/** A ticket class as guests buy them. */
export const drawClass = (uniform: Uniform): string => pick(classes, uniform);

/** How many come together. */
export const drawPartySize = (uniform: Uniform): number => pick(partySizes, uniform);

function bookRow(
  row: { row: string; seats: number },
  context: { showNo: number; share: number; uniform: Uniform },
): PastBooking[] {
  const bookings: PastBooking[] = [];
  const { showNo, share, uniform } = context;
  let next = 1;
  while (next <= row.seats) {
    const size = Math.min(drawPartySize(uniform), row.seats - next + 1);
    if (uniform() < share) {
      bookings.push({
        showNo,
        seats: Array.from({ length: size }, (_, index) => `${row.row}${next + index}`),
        ticketClass: drawClass(uniform),
        group: size > 2 && uniform() < 0.4,
      });
    }
    next += size;
  }
  return bookings;
}

/** The bookings of one show, row by row; the back rows sell best. */
export function bookShow(planned: PlannedShow, hall: Hall, uniform: Uniform): PastBooking[] {
  const { rows } = hall.seatMap;
  const seats = capacityOf(hall);
  const most = Math.round(planned.soldShare * seats * 1.3);
  const bookings = rows.flatMap((row, index) => {
    const share = planned.soldShare * (0.6 + (0.8 * index) / rows.length);
    return bookRow(row, { showNo: planned.show.showNo, share, uniform });
  });
  return bookings.slice(0, most);
}
