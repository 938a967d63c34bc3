import type { Clock, Timer } from './clock.ts';
import type { Link, LinkLimits } from './link.ts';
import type { Logger } from './logger.ts';

export interface FailoverOptions {
  /** What is used whenever it can be; it reconnects by itself. */
  first: Link;
  /** Opens what is used meanwhile; it is closed when the first is sound again. */
  openSecond: () => Link;
  /** The first may be without a peer for so long; 15,000 when absent. */
  patienceMs?: number;
  /** The first must have had its peer for so long to be taken back; 30,000 when absent. */
  soundMs?: number;
  clock: Clock;
  logger: Logger;
}

const defaultPatienceMs = 15_000;
const defaultSoundMs = 30_000;

/** What a link that fails over uses now. */
export type LinkInUse = 'first' | 'second';

export interface FailoverLink extends Link {
  readonly inUse: LinkInUse;
}

class Failover implements FailoverLink {
  readonly #options: FailoverOptions;
  #second: Link | null = null;
  #timer: Timer | null = null;
  /** Peers that the listener was told of. */
  readonly #told = new Set<string>();
  #closing: Promise<void> | null = null;
  #onPayload: (peer: string, payload: Uint8Array) => void = () => {};
  #onPeer: (peer: string, connected: boolean) => void = () => {};

  constructor(options: FailoverOptions) {
    this.#options = options;
    this.#listen(options.first, () => this.#firstChanged());
    if (options.first.peers().length === 0) this.#firstChanged();
  }

  get inUse(): LinkInUse {
    return this.#second === null ? 'first' : 'second';
  }

  get limits(): LinkLimits {
    return this.#link.limits;
  }

  peers(): readonly string[] {
    return this.#closing === null ? [...this.#told] : [];
  }

  send(peer: string, payload: Uint8Array): boolean {
    return this.#closing === null && this.#told.has(peer) && this.#link.send(peer, payload);
  }

  onPayload(listener: (peer: string, payload: Uint8Array) => void): void {
    this.#onPayload = listener;
  }

  onPeer(listener: (peer: string, connected: boolean) => void): void {
    this.#onPeer = listener;
    for (const peer of this.peers()) listener(peer, true);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  get #link(): Link {
    return this.#second ?? this.#options.first;
  }

  async #closeAll(): Promise<void> {
    this.#timer?.cancel();
    await Promise.all([this.#options.first.close(), this.#second?.close()]);
  }

  /** Hands on what comes from a link while it is the one in use. */
  #listen(link: Link, changed: () => void): void {
    link.onPayload((peer, payload) => {
      if (link === this.#link && this.#closing === null) this.#onPayload(peer, payload);
    });
    link.onPeer((peer, connected) => {
      if (this.#closing !== null) return;
      if (link === this.#link) this.#tell(peer, connected);
      changed();
    });
  }

  #tell(peer: string, connected: boolean): void {
    if (this.#told.has(peer) === connected) return;
    if (connected) this.#told.add(peer);
    else this.#told.delete(peer);
    this.#onPeer(peer, connected);
  }

  #firstChanged(): void {
    const isUp = this.#options.first.peers().length > 0;
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#second === null) {
      if (!isUp) this.#await();
    } else if (isUp) this.#prove();
  }

  #await(): void {
    const { clock, patienceMs = defaultPatienceMs } = this.#options;
    this.#timer = clock.setTimer('failover-patience', patienceMs, () => this.#useSecond());
  }

  #prove(): void {
    const { clock, soundMs = defaultSoundMs } = this.#options;
    // Nothing is worse than a second link that has no peer either.
    const waitMs = this.#second?.peers().length === 0 ? 0 : soundMs;
    this.#timer = clock.setTimer('failover-sound', waitMs, () => this.#useFirst());
  }

  #useSecond(): void {
    this.#timer = null;
    if (this.#closing !== null) return;
    this.#options.logger.warn('link-failed-over', { inUse: 'second' });
    const second = this.#options.openSecond();
    this.#forgetPeers();
    this.#second = second;
    this.#listen(second, () => {
      // The second link lost its peer while the first is being proved: it need not prove more.
      if (second.peers().length === 0) this.#firstChanged();
    });
  }

  #useFirst(): void {
    this.#timer = null;
    const second = this.#second;
    if (this.#closing !== null || second === null) return;
    this.#options.logger.info('link-taken-back', { inUse: 'first' });
    this.#forgetPeers();
    this.#second = null;
    void second.close();
    for (const peer of this.#options.first.peers()) this.#tell(peer, true);
  }

  // Limits change only while no peer is connected.
  #forgetPeers(): void {
    for (const peer of this.#told) this.#tell(peer, false);
  }
}

/**
 * One link out of two ways to the same peer: the second while the first has none. What was under
 * way at a change is lost, as on any link. After a change the limits are those of the link in use.
 */
export function failoverLink(options: FailoverOptions): FailoverLink {
  return new Failover(options);
}
