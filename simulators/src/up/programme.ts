import { catalogueOperations } from '@foyer/contracts';

import type { BookingClient } from '../booking/client.ts';
import { seededUniform } from '../camera/random.ts';
import { doors, extraShow, theatreNo } from '../world/index.ts';

const checkMs = 20_000;
const enoughSeats = 240;
const minuteMs = 60_000;

/**
 * Keeps a theatre that runs for hours open: when few seats of the shows that admit now are left, it
 * adds a show, as an operator would, through the catalogue.
 */
export class Programme {
  readonly #client: BookingClient;
  readonly #uniform;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param client with the operator's key. */
  constructor(client: BookingClient, seed: number) {
    this.#client = client;
    this.#uniform = seededUniform(seed ^ 0x5eed);
  }

  start(): void {
    this.#timer = setTimeout(() => {
      // A cloud that is killed or cut off sells nothing anyway; the next check comes.
      void this.check()
        .catch(() => undefined)
        .finally(() => {
          if (!this.#stopped) this.start();
        });
    }, checkMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Adds a show when too few seats are left. @returns whether it did. */
  async check(nowMs = Date.now()): Promise<boolean> {
    const { shows } = await this.#client.shows(theatreNo);
    const open = shows.filter(
      ({ startsAtMs }) =>
        startsAtMs - doors.openBeforeMin * minuteMs <= nowMs &&
        nowMs < startsAtMs + (doors.closeAfterMin - 5) * minuteMs,
    );
    let free = 0;
    for (const { showNo } of open) {
      const { seats } = await this.#client.seats(theatreNo, showNo);
      free += seats.filter(({ state }) => state === 'free').length;
    }
    if (free >= enoughSeats) return false;
    const extra = extraShow(shows, nowMs, this.#uniform);
    if (extra === undefined) return false;
    await this.#client.call(catalogueOperations.putShow, {
      params: { theatreNo, showNo: extra.showNo },
      body: extra,
    });
    return true;
  }
}
