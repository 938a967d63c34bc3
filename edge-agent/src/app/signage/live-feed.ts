import type { LiveView } from '@foyer/contracts';
import type { Clock, Timer } from '@foyer/platform';
import type { EventStream } from '../../adapters/http/event-stream.ts';

export interface LiveFeedDeps {
  clock: Clock;
  stream: Pick<EventStream, 'readers' | 'tell' | 'publish'>;
  fold: () => LiveView;
  /** The hash of the programme; null while there is none. */
  hash: () => string | null;
}

/** A change waits so long for others that come with it. */
const gatherMs = 100;
/** What does not change is told again, because its age counts. */
const againMs = 5000;

/** What changed: times alone are no change. */
function essenceOf(view: LiveView): string {
  return JSON.stringify(view, (name, value: unknown) => (name === 'atMs' ? undefined : value));
}

/** Tells those who read the events of this node what changed of the live view and programme. */
export class LiveFeed {
  readonly #deps: LiveFeedDeps;
  #timer: Timer | null = null;
  #told = '';
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #hash: string | null = null;
  #wanted: boolean;

  /** @param wanted whether to tell before anybody has asked for the view. */
  constructor(deps: LiveFeedDeps, wanted: boolean) {
    this.#deps = deps;
    this.#wanted = wanted;
  }

  /** Somebody asked for the view: from now on readers are told of changes. */
  want(): void {
    this.#wanted = true;
  }

  /** Something may have changed. */
  touch(): void {
    if (this.#timer !== null || !this.#isRead()) return;
    this.#timer = this.#deps.clock.setTimer('live-feed', gatherMs, () => {
      this.#timer = null;
      this.#tell();
    });
  }

  /** Something changed that cannot wait. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#tell();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #isRead(): boolean {
    return this.#wanted && this.#deps.stream.readers > 0;
  }

  #tell(): void {
    if (!this.#isRead()) return;
    const { stream, fold, hash, clock } = this.#deps;
    const view = fold();
    const essence = essenceOf(view);
    const nowMs = clock.monotonicMs();
    if (essence !== this.#told || nowMs - this.#toldAtMs >= againMs) {
      this.#told = essence;
      this.#toldAtMs = nowMs;
      stream.tell('live', view);
    }
    const now = hash();
    if (now === this.#hash) return;
    this.#hash = now;
    if (now !== null) stream.publish('signage', { hash: now });
  }
}
