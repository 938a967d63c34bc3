import { Cloud, openStore, type Store } from '@foyer/cloud-sync';
import type { Clock, Link, Logger } from '@foyer/platform';
import { ed25519Signer } from '@foyer/platform/node';
import { SimCrash, type SimDisk, type SimRandom } from '@foyer/platform/sim';

import { Life, processClock, processLink, trueWall } from './node-clock.ts';

/** The key that the simulated cloud signs tickets with; it opens nothing else. */
export const signer = {
  ...ed25519Signer(Buffer.alloc(32, 7).toString('base64url')),
  keyId: 1,
};

const payment = {
  charge: ({ idempotencyKey }: { idempotencyKey: string }) =>
    Promise.resolve({ outcome: 'captured' as const, chargeId: idempotencyKey }),
  refund: () => Promise.resolve('refunded' as const),
};

export interface CloudSurroundings {
  readonly clock: Clock;
  readonly random: SimRandom;
  readonly logger: Logger;
  join(): Link;
  onDefect(error: unknown): void;
}

/** The real cloud worker on a real SQLite file, in virtual time. */
export class SimCloud {
  disk: SimDisk;
  /** Counts up whenever a backup is put back. */
  diskLife = 0;
  /** Called after each payload that the worker sent: it may end the process. */
  onSent: ((payload: Uint8Array) => void) | null = null;
  readonly #around: CloudSurroundings;
  #life: Life | null = null;
  #store: Store | null = null;
  #cloud: Cloud | null = null;
  #link: Link | null = null;
  #starts = 0;

  constructor(disk: SimDisk, around: CloudSurroundings) {
    this.disk = disk;
    this.#around = around;
  }

  get worker(): Cloud | null {
    return this.#life?.ended === false ? this.#cloud : null;
  }

  async start(): Promise<void> {
    if (this.#life?.ended === false) return;
    const life = new Life();
    this.#life = life;
    this.#starts += 1;
    const { logger, random } = this.#around;
    const onThrow = (error: unknown): void => {
      if (!(error instanceof SimCrash)) this.#around.onDefect(error);
    };
    const clock = processClock(this.#around.clock, trueWall(), life, onThrow);
    try {
      const store = await openStore({ kind: 'sqlite', path: this.disk.path }, logger);
      this.#store = store;
      if (life.ended) return;
      this.#cloud = await Cloud.start({
        listen: null,
        apiKey: '',
        store,
        clock,
        random: random.fork(`cloud ${this.#starts}`),
        logger,
        payment,
        signer,
        openLink: () => {
          this.#link = this.#around.join();
          const link = processLink(this.#link, life, onThrow);
          return { ...link, send: (peer, payload) => this.#send(link, peer, payload) };
        },
      });
    } catch (error) {
      if (!life.ended) this.#around.onDefect(error);
    }
  }

  #send(link: Link, peer: string, payload: Uint8Array): boolean {
    const sent = link.send(peer, payload);
    this.onSent?.(payload);
    return sent;
  }

  /** Ends in an orderly way. */
  async stop(): Promise<void> {
    await this.#cloud?.close();
    this.#life?.end();
  }

  /** The process ends here and now; `then` happens to its disk. */
  crash(then: (disk: SimDisk) => void = (disk) => disk.crash()): void {
    this.#life?.end();
    void this.#link?.close();
    this.#cloud = null;
    then(this.disk);
    // What the dead process still had in hand fails on its closed file.
    this.#store?.close().catch(() => {});
    this.#store = null;
  }
}
