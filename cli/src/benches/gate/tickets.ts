import { formatTicketCode, packCore } from '@foyer/contracts';
import type { SeededBooking } from '@foyer/cloud-sync';
import { ed25519Signer } from '@foyer/platform/node';
import { seededUniform } from '@foyer/simulators';

/** The key of tickets in this benchmark's theatre. */
export const keyId = 1;

interface Sold {
  readonly ticketId: string;
  readonly showNo: number;
}

/** Tickets that nobody has shown yet, in a seeded order; each is handed out once. */
export class FreshTickets {
  readonly #sold: Sold[];
  readonly #uniform: () => number;
  readonly #signer;
  #left: number;

  /** @param signingKey of the cloud that sold them: an Ed25519 seed, base64url. */
  constructor(bookings: readonly SeededBooking[], signingKey: string, seed: number) {
    this.#sold = bookings.flatMap(({ showNo, ticketIds }) =>
      ticketIds.map((ticketId) => ({ ticketId, showNo })),
    );
    this.#left = this.#sold.length;
    this.#uniform = seededUniform(seed);
    this.#signer = ed25519Signer(signingKey);
  }

  get left(): number {
    return this.#left;
  }

  /** The texts of up to `count` codes, as the cloud would sign them. */
  take(count: number): string[] {
    return Array.from({ length: Math.min(count, this.#left) }, () => this.#next());
  }

  #next(): string {
    const place = Math.floor(this.#uniform() * this.#left);
    this.#left -= 1;
    const drawn = this.#sold[place];
    const last = this.#sold[this.#left];
    if (drawn === undefined || last === undefined) throw new Error('No ticket is left.');
    this.#sold[place] = last;
    const core = packCore({ kind: 'static', keyId, ...drawn });
    return formatTicketCode(core, this.#signer.sign(core));
  }
}
