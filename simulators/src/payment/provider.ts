import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { FoyerError, paymentOperations } from '@foyer/contracts';
import { finishApp, mountOperations, newApp, serve, type HttpServer } from '@foyer/platform/http';
import { z } from 'zod';

export const paymentConfigSchema = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(0),
    })
    .prefault({}),
  /** How long a charge with a `tok_slow...` token takes. */
  slowMs: z.int().min(0).max(60_000).default(3000),
  /** Charges kept; the oldest are forgotten. */
  maxCharges: z.int().min(1).default(100_000),
});

interface Charge {
  chargeId: string;
  state: 'captured' | 'declined';
}

/**
 * A payment provider that keeps its word: one idempotency key charges once. By the token's start:
 * `tok_declined` is declined, `tok_slow` takes `slowMs`, everything else is captured at once.
 */
export function startPaymentProvider(
  config: z.infer<typeof paymentConfigSchema>,
): Promise<HttpServer> {
  const charges = new Map<string, Charge>();

  const captured = new Set<string>();

  function charge(key: string, token: string): Charge {
    const known = charges.get(key);
    if (known !== undefined) return known;
    const chargeId = randomUUID();
    // Nothing was charged: the same key may be tried again with another token.
    if (token.startsWith('tok_declined')) return { chargeId, state: 'declined' };
    const made: Charge = { chargeId, state: 'captured' };
    charges.set(key, made);
    captured.add(chargeId);
    for (const [oldest, { chargeId: forgotten }] of charges) {
      if (charges.size <= config.maxCharges) break;
      charges.delete(oldest);
      captured.delete(forgotten);
    }
    return made;
  }

  const app = newApp();
  mountOperations(app, paymentOperations, {
    charge: async ({ body }) => {
      if (body.token.startsWith('tok_slow')) await after(config.slowMs);
      return charge(body.idempotencyKey, body.token);
    },
    refund: ({ body }) => {
      if (!captured.has(body.chargeId))
        throw new FoyerError('not-found', `There is no charge ${body.chargeId}.`);
      return { state: 'refunded' as const };
    },
  });
  finishApp(app);
  return serve(app, config.listen);
}
