import { chargeResultSchema, type paymentOperations } from '@foyer/contracts';
import type { Logger } from '@foyer/platform';
import type { z } from 'zod';

import type { PaymentPort } from '../../domain/ports.ts';

export interface HttpPaymentOptions {
  /** Base address of the provider. */
  url: string;
  logger: Logger;
  /** A call that is not answered by then has an unknown outcome. Default 5000. */
  timeoutMs?: number;
}

const defaultTimeoutMs = 5000;

type ChargeBody = z.infer<(typeof paymentOperations)['charge']['body']>;
type RefundBody = z.infer<(typeof paymentOperations)['refund']['body']>;

/** A payment provider behind HTTP. A call that fails in any way has an unknown outcome. */
export function httpPayment({ url, logger, timeoutMs }: HttpPaymentOptions): PaymentPort {
  const post = async (path: string, body: ChargeBody | RefundBody): Promise<unknown> => {
    try {
      const response = await fetch(new URL(path, url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs ?? defaultTimeoutMs),
      });
      if (response.ok) return await response.json();
      logger.warn('payment-refused', { path, status: response.status });
      await response.body?.cancel();
    } catch (error) {
      logger.warn('payment-unreachable', { path, reason: String(error) });
    }
    return null;
  };
  return {
    async charge(request) {
      const result = chargeResultSchema.safeParse(await post('/v1/charges', request));
      if (!result.success) return { outcome: 'unknown' };
      if (result.data.state === 'declined') return { outcome: 'declined' };
      return { outcome: 'captured', chargeId: result.data.chargeId };
    },
    async refund(request) {
      const result = await post('/v1/refunds', request);
      return result === null ? 'unknown' : 'refunded';
    },
  };
}
