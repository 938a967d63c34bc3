import { everyNode, type FeedName, type TheatreNo } from '@foyer/contracts';
import type { Timer } from '@foyer/platform';

import { encodeFrame, makeHint } from '../../engine/index.ts';
import type { ServiceContext } from '../../services/context.ts';
import { TheatreFeedStore } from '../store/feed-store.ts';

/** Writes that commit within this time share a hint. */
const debounceMs = 5;
/** A hint may be lost, or come before the broker: those of late changes are said again. */
const firstRepeatMs = 1000;
const repeatMs = 10_000;
const repeats = 4;

interface Dirty {
  theatreNo: TheatreNo;
  feed: FeedName;
}

/** Tells a theatre's nodes that a feed has a new head. */
export class Hints {
  readonly #context: ServiceContext;
  readonly #send: (peer: string, frame: Uint8Array) => void;
  readonly #dirty = new Map<string, Dirty>();
  readonly #recent = new Map<string, Dirty & { left: number }>();
  #soon: Timer | null = null;
  #repeat: Timer | null = null;
  #closed = false;

  constructor(context: ServiceContext, send: (peer: string, frame: Uint8Array) => void) {
    this.#context = context;
    this.#send = send;
  }

  /** A commit gave the feed a new head. */
  changed(theatreNo: TheatreNo, feed: FeedName): void {
    if (this.#closed) return;
    const name = `${theatreNo}/${feed}`;
    this.#dirty.set(name, { theatreNo, feed });
    this.#recent.set(name, { theatreNo, feed, left: repeats });
    this.#soon ??= this.#context.clock.setTimer('hint', debounceMs, () => {
      this.#soon = null;
      const dirty = [...this.#dirty.values()];
      this.#dirty.clear();
      for (const one of dirty) void this.#hint(one);
    });
    this.#repeat ??= this.#context.clock.setTimer('hint-again', firstRepeatMs, () => this.#again());
  }

  close(): void {
    this.#closed = true;
    this.#soon?.cancel();
    this.#repeat?.cancel();
  }

  #again(): void {
    this.#repeat = null;
    for (const [name, recent] of this.#recent) {
      void this.#hint(recent);
      recent.left -= 1;
      if (recent.left === 0) this.#recent.delete(name);
    }
    if (this.#recent.size === 0 || this.#closed) return;
    this.#repeat = this.#context.clock.setTimer('hint-again', repeatMs, () => this.#again());
  }

  async #hint({ theatreNo, feed }: Dirty): Promise<void> {
    const { store, random, logger } = this.#context;
    try {
      const meta = await new TheatreFeedStore(store, theatreNo, random).meta(feed);
      if (meta === null || this.#closed) return;
      this.#send(`${theatreNo}/${everyNode}`, encodeFrame(makeHint(feed, meta)));
    } catch (error) {
      logger.error('hint-not-sent', { theatreNo, feed, reason: String(error) });
    }
  }
}
