import { z } from 'zod';
import { uuidSchema } from '../ids.ts';
import type { Operation } from './common.ts';

/** What the cloud end asks of a payment provider: a charge by token and a refund. */
export const chargeRequestSchema = z.object({
  /** The same key charges once. */
  idempotencyKey: z.string().min(1).max(80),
  token: z.string().min(8).max(200),
  amountMinor: z.int().min(0),
  currency: z.string().length(3),
});

export const chargeResultSchema = z.object({
  chargeId: uuidSchema,
  state: z.enum(['captured', 'declined']),
});

export const refundRequestSchema = z.object({
  idempotencyKey: z.string().min(1).max(80),
  chargeId: uuidSchema,
});

export const paymentOperations = {
  charge: {
    method: 'post',
    path: '/v1/charges',
    summary: 'Charge a token once.',
    body: chargeRequestSchema,
    response: chargeResultSchema,
    status: 200,
    errors: [],
  },
  refund: {
    method: 'post',
    path: '/v1/refunds',
    summary: 'Give a charge back, once.',
    body: refundRequestSchema,
    response: z.object({ state: z.literal('refunded') }),
    status: 200,
    errors: ['not-found'],
  },
} as const satisfies Record<string, Operation>;
