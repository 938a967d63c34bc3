import type { X509Certificate } from 'node:crypto';

import type { PlaySealEvent, Push, TheatreNo } from '@foyer/contracts';
import { judgePlaySeal, type SealFault } from '@foyer/platform/node';

import type { CloudMetrics } from '../adapters/metrics.ts';
import type { Tx } from '../adapters/store/database.ts';
import type { ReceivedEvent } from '../adapters/store/received-event.ts';
import type { ServiceContext } from './context.ts';

/** The authorities of a theatre's nodes, by theatre. One that is not here has none to check by. */
export type Authorities = ReadonlyMap<TheatreNo, readonly X509Certificate[]>;

type Seal = ReceivedEvent<PlaySealEvent>;
type Fault = SealFault | 'other-chain';

/**
 * Takes the signatures of boxes over their plays. A sound one marks the plays before it as sealed;
 * a bad one is counted, alarmed and marks nothing. Neither ever holds up what follows.
 */
export class Seals {
  readonly #context: ServiceContext;
  readonly #metrics: Pick<CloudMetrics, 'rejectedEvent'>;
  readonly #authorities: Authorities;

  constructor(
    context: ServiceContext,
    metrics: Pick<CloudMetrics, 'rejectedEvent'>,
    authorities: Authorities,
  ) {
    this.#context = context;
    this.#metrics = metrics;
    this.#authorities = authorities;
  }

  async apply(tx: Tx, theatreNo: TheatreNo, push: Push, seals: readonly Seal[]): Promise<void> {
    for (const seal of seals) {
      const fault = this.#faultOf(theatreNo, push.node, seal);
      if (fault === null) await mark(tx, theatreNo, push, seal.body);
      else await this.#refuse(tx, theatreNo, push.node, seal, fault);
    }
  }

  #faultOf(theatreNo: TheatreNo, node: string, { body, seq, prevHash }: Seal): Fault | null {
    // The cloud's own reckoning of the chain, not the box's word for it.
    if (body.seq !== seq - 1 || body.hash !== prevHash) return 'other-chain';
    const authorities = this.#authorities.get(theatreNo) ?? [];
    const chain = { node, seq: body.seq, hash: body.hash };
    return judgePlaySeal(chain, body, { theatreNo, authorities });
  }

  async #refuse(
    tx: Tx,
    theatreNo: TheatreNo,
    node: string,
    { eventId, body }: Seal,
    fault: Fault,
  ): Promise<void> {
    this.#metrics.rejectedEvent(`seal-${fault}`);
    this.#context.logger.error('play-seal-refused', { theatreNo, node, fault });
    await tx
      .insertInto('alarm')
      .values({
        event_id: eventId,
        theatre_no: theatreNo,
        code: 'play-seal-refused',
        detail: `The seal of ${body.plays} plays up to ${body.seq} is refused: ${fault}.`,
        gate: node,
        at_ms: body.atMs,
      })
      .execute();
  }
}

async function mark(
  tx: Tx,
  theatreNo: TheatreNo,
  { node, incarnation }: Push,
  { seq, atMs }: PlaySealEvent,
): Promise<void> {
  await tx
    .insertInto('play_seal')
    .values({ theatre_no: theatreNo, node, incarnation, seq, at_ms: atMs })
    .onConflict((on) =>
      on
        .columns(['theatre_no', 'node', 'incarnation'])
        .doUpdateSet({ seq, at_ms: atMs })
        .where('play_seal.seq', '<', seq),
    )
    .execute();
}
