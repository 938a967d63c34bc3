import { randomUUID } from 'node:crypto';

import { catalogueOperations } from '@foyer/contracts';
import type { Booking } from '@foyer/contracts';

import type { BookingClient } from '../booking/client.ts';
import type { Uniform } from '../camera/random.ts';
import { drawClass } from '../world/index.ts';
import { pickSeats } from './domain/tickets.ts';

/** When a guest wants to see a film. */
export type Wish = 'open' | 'early' | 'yesterday';

/** A ticket on a phone. */
export interface PhoneTicket {
  readonly code: string;
  readonly auditorium: string;
  readonly bookingId: string;
}

interface ShowTimes {
  readonly showNo: number;
  readonly auditorium: string;
  readonly doorsOpenMs: number;
  readonly doorsCloseMs: number;
}

const minuteMs = 60_000;
const programmeKeptMs = 20_000;
const triesAtSeats = 4;

function suits(show: ShowTimes, wish: Wish, nowMs: number): boolean {
  if (wish === 'early') return show.doorsOpenMs > nowMs + 5 * minuteMs;
  if (wish === 'yesterday') return show.doorsCloseMs < nowMs - 8 * 60 * minuteMs;
  return show.doorsOpenMs <= nowMs && nowMs < show.doorsCloseMs - minuteMs;
}

/** Buys tickets as a guest on the way would: through the booking API, with a provider's token. */
export class Shop {
  readonly #client: BookingClient;
  readonly #theatreNo: number;
  readonly #uniform: Uniform;
  #programme: ShowTimes[] = [];
  #readAtMs = -Infinity;

  constructor(client: BookingClient, theatreNo: number, uniform: Uniform) {
    this.#client = client;
    this.#theatreNo = theatreNo;
    this.#uniform = uniform;
  }

  /**
   * Buys seats side by side for a show that suits.
   * @returns one ticket a seat, or one for all when `group`; empty when nothing suits or is free.
   * @throws FoyerError of the booking API.
   */
  async buy(wish: Wish, count: number, group = false): Promise<PhoneTicket[]> {
    const shows = (await this.#shows()).filter((show) => suits(show, wish, Date.now()));
    for (let attempt = 0; attempt < triesAtSeats; attempt += 1) {
      const show = shows[Math.floor(this.#uniform() * shows.length)];
      if (show === undefined) return [];
      const { seats } = await this.#client.seats(this.#theatreNo, show.showNo);
      const chosen = pickSeats(seats, count, this.#uniform);
      if (chosen === undefined) continue;
      const booking = await this.#take(show.showNo, chosen, group);
      if (booking !== undefined) return ticketsOf(booking, show.auditorium);
    }
    return [];
  }

  cancel(ticket: PhoneTicket): Promise<Booking> {
    return this.#client.cancel(ticket.bookingId);
  }

  /** The tickets of a booking that was made earlier. */
  async old(bookingId: string): Promise<PhoneTicket[]> {
    const booking = await this.#client.booking(bookingId);
    const shows = await this.#shows();
    const show = shows.find((each) => each.showNo === booking.showNo);
    return ticketsOf(booking, show?.auditorium ?? '');
  }

  async #take(showNo: number, seats: string[], group: boolean): Promise<Booking | undefined> {
    const ticketClass = drawClass(this.#uniform);
    const hold = { theatreNo: this.#theatreNo, showNo, seats, ticketClass, group };
    try {
      return await this.#client.buy(hold, randomUUID());
    } catch (error) {
      // Another guest was quicker: choose again.
      if (error instanceof Error && 'code' in error && error.code === 'seat-taken') {
        return undefined;
      }
      throw error;
    }
  }

  async #shows(): Promise<ShowTimes[]> {
    if (performance.now() - this.#readAtMs < programmeKeptMs) return this.#programme;
    const [{ theatres }, { shows }] = await Promise.all([
      this.#client.call(catalogueOperations.listTheatres),
      this.#client.shows(this.#theatreNo),
    ]);
    const theatre = theatres.find((each) => each.theatreNo === this.#theatreNo);
    this.#programme = shows
      .filter((show) => show.status === 'scheduled')
      .map((show) => {
        const startsMs = show.startsAtMs + show.delayMin * minuteMs;
        return {
          showNo: show.showNo,
          auditorium: show.auditorium,
          doorsOpenMs: startsMs - (theatre?.doorsOpenBeforeMin ?? 0) * minuteMs,
          doorsCloseMs: startsMs + (theatre?.doorsCloseAfterMin ?? 0) * minuteMs,
        };
      });
    this.#readAtMs = performance.now();
    return this.#programme;
  }
}

function ticketsOf(booking: Booking, auditorium: string): PhoneTicket[] {
  return booking.tickets.flatMap(({ code }) =>
    code === null ? [] : [{ code, auditorium, bookingId: booking.bookingId }],
  );
}
