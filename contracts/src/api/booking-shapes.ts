import { z } from 'zod';
import {
  bookingRefSchema,
  nodeIdSchema,
  showNoSchema,
  theatreNoSchema,
  ticketIdSchema,
  utcMsSchema,
  uuidSchema,
} from '../ids.ts';
import {
  auditoriumRowSchema,
  configEpochRowSchema,
  filmRowSchema,
  nodeRowSchema,
  showRowSchema,
  theatreRowSchema,
  ticketStatusSchema,
} from '../feed/rows.ts';
import { flagSchema } from '../verdict.ts';

/** A seat's name: row letters and number, "F12". */
export const seatNameSchema = z.string().regex(/^[A-Z]{1,2}[0-9]{1,3}$/);

export const seatMapSchema = z.object({
  rows: z
    .array(z.object({ row: z.string().regex(/^[A-Z]{1,2}$/), seats: z.int().min(1).max(100) }))
    .min(1)
    .max(60),
});

export const moneySchema = z.object({
  amountMinor: z.int().min(0),
  currency: z.string().length(3),
});

export const theatreInputSchema = theatreRowSchema;
export const auditoriumInputSchema = auditoriumRowSchema
  .omit({ capacity: true })
  .extend({ seatMap: seatMapSchema });
export const filmInputSchema = filmRowSchema;
export const showInputSchema = showRowSchema
  .omit({ configEpoch: true, status: true, delayMin: true })
  .extend({ priceMinor: z.int().min(0) });
export const showPatchSchema = z.object({
  delayMin: z.int().min(0).max(1440).optional(),
  status: z.enum(['scheduled', 'cancelled']).optional(),
});
/** The nodes of a theatre; a new list makes a new config epoch. */
export const nodesInputSchema = z.object({ nodes: z.array(nodeRowSchema).min(1).max(64) });
export const nodesResultSchema = configEpochRowSchema;

export const showSchema = showRowSchema.extend({ priceMinor: z.int(), currency: z.string() });

export const seatStateSchema = z.object({
  seat: seatNameSchema,
  state: z.enum(['free', 'held', 'sold']),
});

export const holdRequestSchema = z.object({
  theatreNo: theatreNoSchema,
  showNo: showNoSchema,
  seats: z.array(seatNameSchema).min(1).max(16),
  ticketClass: z.string().max(24).default('adult'),
  /** One code for all the seats ("a family's code that admits N"), or one ticket a seat. */
  group: z.boolean().default(false),
  /** Sold only with rotating codes. */
  rotating: z.boolean().default(false),
});

export const bookingStateSchema = z.enum(['PENDING', 'CONFIRMED', 'CANCELLED', 'EXPIRED']);

export const bookingTicketSchema = z.object({
  ticketId: ticketIdSchema,
  seat: z.string(),
  entries: z.int().min(1).max(16),
  status: ticketStatusSchema,
  /** The text of its QR code; only once the booking is confirmed. */
  code: z.string().nullable(),
  admissions: z.array(
    z.object({
      eventId: uuidSchema,
      gate: nodeIdSchema,
      atMs: utcMsSchema,
      n: z.int(),
      flags: z.array(flagSchema),
      reversed: z.boolean(),
    }),
  ),
});

export const bookingSchema = z.object({
  bookingId: uuidSchema,
  bookingRef: bookingRefSchema,
  theatreNo: theatreNoSchema,
  showNo: showNoSchema,
  state: bookingStateSchema,
  total: moneySchema,
  holdExpiresAtMs: utcMsSchema.nullable(),
  tickets: z.array(bookingTicketSchema),
  history: z.array(z.object({ atMs: utcMsSchema, what: z.string() })),
});
export type Booking = z.infer<typeof bookingSchema>;

/** A token that a payment page made; never a card number. */
export const confirmRequestSchema = z.object({ paymentToken: z.string().min(8).max(200) });

export const cancelRequestSchema = z.object({ refund: z.boolean().default(true) });

/** What the cloud knows of a theatre's admissions; for head office and for checks. */
export const theatreSummarySchema = z.object({
  theatreNo: theatreNoSchema,
  bookings: z.int(),
  tickets: z.int(),
  admissions: z.int(),
  reversals: z.int(),
  denials: z.int(),
  /** Sum over entry rights of (admissions - 1). */
  doubles: z.int(),
  /** The same sum over the reports that gates sent. */
  reportedDoubles: z.int(),
  /** Proofs of play. */
  plays: z.int(),
  deadLetters: z.int(),
  lanes: z.array(
    z.object({ node: nodeIdSchema, incarnation: z.string(), lane: z.string(), lastSeq: z.int() }),
  ),
});

export const admissionListSchema = z.object({
  admissions: z.array(
    z.object({
      eventId: uuidSchema,
      ticketId: ticketIdSchema,
      n: z.int(),
      showNo: showNoSchema,
      gate: nodeIdSchema,
      scanId: uuidSchema,
      atMs: utcMsSchema,
      flags: z.array(flagSchema),
    }),
  ),
  nextAfter: z.string().nullable(),
});

export const doubleListSchema = z.object({
  doubles: z.array(
    z.object({
      ticketId: ticketIdSchema,
      n: z.int(),
      admissions: z.array(
        z.object({
          eventId: uuidSchema,
          gate: nodeIdSchema,
          atMs: utcMsSchema,
          flags: z.array(flagSchema),
        }),
      ),
    }),
  ),
});
