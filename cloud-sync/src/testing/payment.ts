import type { ChargeOutcome, PaymentPort } from '../domain/ports.ts';

/**
 * A provider that charges once for one key. By the token's start: `tok_declined` is declined,
 * `tok_lost` is charged but the answer is lost, `tok_dark` never reaches it.
 */
export class TestPayment implements PaymentPort {
  readonly charges = new Map<string, string>();
  readonly refunds = new Set<string>();
  /** Runs before a charge is answered, for a test to do something meanwhile. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  refundsAnswer = true;
  #count = 0;

  async charge({ idempotencyKey: key, token }: { idempotencyKey: string; token: string }) {
    const outcome = this.#charge(key, token);
    await this.meanwhile();
    return outcome;
  }

  refund({ chargeId }: { chargeId: string }): Promise<'refunded' | 'unknown'> {
    if (!this.refundsAnswer) return Promise.resolve('unknown');
    this.refunds.add(chargeId);
    return Promise.resolve('refunded');
  }

  #charge(key: string, token: string): ChargeOutcome {
    const known = this.charges.get(key);
    if (known !== undefined) return { outcome: 'captured', chargeId: known };
    if (token.startsWith('tok_dark')) return { outcome: 'unknown' };
    if (token.startsWith('tok_declined')) return { outcome: 'declined' };
    this.#count += 1;
    const chargeId = `00000000-0000-4000-8000-${String(this.#count).padStart(12, '0')}`;
    this.charges.set(key, chargeId);
    if (token.startsWith('tok_lost')) return { outcome: 'unknown' };
    return { outcome: 'captured', chargeId };
  }
}
