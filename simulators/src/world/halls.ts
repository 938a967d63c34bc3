import type { z } from 'zod';

import type { auditoriumInputSchema } from '@foyer/contracts';

/** An auditorium with its seat map, as the booking API takes it. */
export type Hall = z.infer<typeof auditoriumInputSchema>;

interface HallPlan {
  readonly rows: number;
  readonly front: number;
  readonly back: number;
  readonly directions: string;
}

// Rows widen towards the back, as in a fan-shaped house. Together 2,006 seats.
const plans: readonly HallPlan[] = [
  { rows: 18, front: 18, back: 28, directions: 'straight ahead, up the grand stairs' },
  { rows: 16, front: 16, back: 26, directions: 'straight ahead, past the mirrors' },
  { rows: 15, front: 14, back: 24, directions: 'on your left' },
  { rows: 14, front: 14, back: 22, directions: 'on your left, second door' },
  { rows: 13, front: 12, back: 22, directions: 'on your right' },
  { rows: 12, front: 12, back: 20, directions: 'on your right, second door' },
  { rows: 11, front: 12, back: 18, directions: 'upstairs, on your left' },
  { rows: 10, front: 10, back: 18, directions: 'upstairs, on your right' },
];

const letters = 'ABCDEFGHJKLMNPQRSTUV';

/** The eight halls; their numbers are their names in every message. */
export const halls: readonly Hall[] = plans.map((plan, index) => ({
  auditorium: String(index + 1),
  name: `Hall ${index + 1}`,
  directions: plan.directions,
  seatMap: {
    rows: Array.from({ length: plan.rows }, (_, row) => ({
      row: letters.charAt(row),
      seats: Math.round(plan.front + ((plan.back - plan.front) * row) / (plan.rows - 1)),
    })),
  },
}));

/** How many people a hall seats. */
export const capacityOf = (hall: Hall): number =>
  hall.seatMap.rows.reduce((sum, row) => sum + row.seats, 0);
