import type { SeededBooking } from '@foyer/cloud-sync';
import { formatTicketCode, packCore } from '@foyer/contracts';
import { ed25519Signer } from '@foyer/platform/node';

import type { Uniform } from '../camera/random.ts';
import { keyId } from '../up/settings.ts';

/** How many of the tickets that were shown last are remembered, to be shown again. */
const remembered = 2_000;

/** The tickets that were sold, as the codes on guests' phones. */
export class Tickets {
  readonly #sold: { ticketId: string; showNo: number }[];
  readonly #signer;
  readonly #shown: string[] = [];
  readonly #uniform: Uniform;

  /** @param signingKey of the cloud that sold them: an Ed25519 seed, base64url. */
  constructor(bookings: readonly SeededBooking[], signingKey: string, uniform: Uniform) {
    this.#sold = bookings.flatMap(({ showNo, ticketIds }) =>
      ticketIds.map((ticketId) => ({ ticketId, showNo })),
    );
    this.#signer = ed25519Signer(signingKey);
    this.#uniform = uniform;
  }

  get left(): number {
    return this.#sold.length;
  }

  /** The code of a ticket that nobody has shown; of an old one when none is left. */
  fresh(): string {
    const ticket = this.#sold.pop();
    if (ticket === undefined) return this.again();
    const core = packCore({ kind: 'static', keyId, ...ticket });
    const code = formatTicketCode(core, this.#signer.sign(core));
    this.#shown.push(code);
    if (this.#shown.length > remembered) this.#shown.shift();
    return code;
  }

  /** The code of a ticket that was shown before. */
  again(): string {
    const code = this.#shown[Math.floor(this.#uniform() * this.#shown.length)];
    return code ?? this.fresh();
  }
}
