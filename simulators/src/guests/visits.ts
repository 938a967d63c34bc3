import { isFoyerError } from '@foyer/contracts';
import type { Verdict } from '@foyer/contracts';

import type { Condition } from '../camera/index.ts';
import type { Uniform } from '../camera/random.ts';
import { drawPartySize } from '../world/index.ts';
import { drawCondition } from './domain/intents.ts';
import type { Intent } from './domain/intents.ts';
import { forgeCode, strangeText } from './domain/tickets.ts';
import type { Lane } from './lane.ts';
import type { GuestReport } from './report.ts';
import type { PhoneTicket, Shop } from './shop.ts';

/** What a visit needs of the world. */
export interface Foyer {
  readonly lanes: readonly Lane[];
  readonly shop: Shop;
  readonly uniform: Uniform;
  readonly oldBookings: string[];
  readonly report: (report: GuestReport) => void;
  /** True from closing time on: who is still on the way turns round. */
  readonly closing: () => boolean;
}

interface Shown {
  readonly text: string;
  readonly intent: Intent;
  readonly condition?: Condition;
  readonly together?: () => Promise<void>;
}

const shortestWalkMs = 400;
const longestWalkMs = 2_200;
const longestWaitForFriendMs = 3_000;
// Longer than a scanner takes the same code for the same phone.
const familyGapMs = 4_600;
const triesAtGates = 40;

const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

/** All that guests do, from the decision to come until they are in or have left. */
export class Visits {
  readonly #foyer: Foyer;

  constructor(foyer: Foyer) {
    this.#foyer = foyer;
  }

  /** One party's visit. Never throws: what fails is reported. */
  async run(intent: Intent): Promise<void> {
    try {
      await this.#visit(intent);
    } catch (error) {
      const code = isFoyerError(error) ? error.code : String(error).slice(0, 80);
      this.#foyer.report({ kind: 'not-sold', code });
    }
  }

  async #visit(intent: Intent): Promise<void> {
    switch (intent) {
      case 'honest':
        return this.#party(intent);
      case 'family-code':
        return this.#family(intent);
      case 'wrong-gate':
        return this.#wrongGate(intent);
      case 'shared-screenshot':
        return this.#shared(intent);
      case 'second-try':
        return this.#secondTry(intent);
      case 'yesterday':
        return this.#oldTicket(intent);
      case 'too-early':
        return this.#single(intent, await this.#buy('early'));
      case 'cancelled':
        return this.#cancelled(intent);
      case 'forged': {
        const ticket = await this.#buy('open');
        if (ticket === undefined) return undefined;
        const code = forgeCode(ticket.code, this.#foyer.uniform);
        return this.#single(intent, { ...ticket, code });
      }
      case 'random-code': {
        await this.#walk();
        await this.#present(undefined, { text: strangeText(this.#foyer.uniform), intent });
        return undefined;
      }
    }
  }

  async #party(intent: Intent): Promise<void> {
    const tickets = await this.#foyer.shop.buy('open', drawPartySize(this.#foyer.uniform));
    this.#bought(tickets);
    await this.#walk();
    await Promise.all(
      tickets.map((ticket) => this.#present(ticket.auditorium, { text: ticket.code, intent })),
    );
  }

  async #family(intent: Intent): Promise<void> {
    const size = 3;
    const [ticket] = await this.#foyer.shop.buy('open', size, true);
    if (ticket === undefined) return this.#bought([]);
    this.#bought([ticket]);
    await this.#walk();
    for (let entry = 0; entry < size; entry += 1) {
      if (entry > 0) await pause(familyGapMs);
      await this.#present(ticket.auditorium, { text: ticket.code, intent });
    }
  }

  async #wrongGate(intent: Intent): Promise<void> {
    const ticket = await this.#buy('open');
    if (ticket === undefined) return;
    await this.#walk();
    const wrong = this.#foyer.lanes.filter(
      (lane) => !lane.auditoriums.includes(ticket.auditorium) && lane.inviting,
    );
    const shown = { text: ticket.code, intent };
    const lane = this.#any(wrong);
    if (lane !== undefined) {
      await this.#at(lane, shown);
      await this.#walk();
    }
    await this.#present(ticket.auditorium, shown);
  }

  // Two friends with one code count to three, each at a gate of the hall.
  async #shared(intent: Intent): Promise<void> {
    const ticket = await this.#buy('open');
    if (ticket === undefined) return;
    await this.#walk();
    const [first, second] = this.#serving(ticket.auditorium).filter((lane) => lane.inviting);
    if (first === undefined || second === undefined) return this.#single(intent, ticket);
    const together = meeting(2, longestWaitForFriendMs);
    const shown = { text: ticket.code, intent, condition: 'clean' as const, together };
    await Promise.all([this.#at(first, shown), this.#at(second, shown)]);
  }

  async #secondTry(intent: Intent): Promise<void> {
    const ticket = await this.#buy('open');
    if (ticket === undefined) return;
    await this.#single(intent, ticket);
    await pause(familyGapMs);
    await this.#present(ticket.auditorium, { text: ticket.code, intent });
  }

  async #oldTicket(intent: Intent): Promise<void> {
    const { shop, oldBookings } = this.#foyer;
    const bookingId = oldBookings.shift();
    // Without an old booking at hand the ticket is bought too late, which gates must refuse as
    // well.
    const [ticket] = await (bookingId === undefined
      ? shop.buy('yesterday', 1)
      : shop.old(bookingId));
    await this.#single(intent, ticket);
  }

  async #cancelled(intent: Intent): Promise<void> {
    const ticket = await this.#buy('open');
    if (ticket === undefined) return;
    await this.#foyer.shop.cancel(ticket);
    await this.#single(intent, ticket);
  }

  async #single(intent: Intent, ticket: PhoneTicket | undefined): Promise<void> {
    if (ticket === undefined) return;
    await this.#walk();
    await this.#present(ticket.auditorium, { text: ticket.code, intent });
  }

  async #buy(wish: 'open' | 'early'): Promise<PhoneTicket | undefined> {
    const tickets = await this.#foyer.shop.buy(wish, 1);
    this.#bought(tickets);
    return tickets[0];
  }

  #bought(tickets: readonly PhoneTicket[]): void {
    const { report } = this.#foyer;
    if (tickets.length === 0) report({ kind: 'not-sold', code: 'sold-out' });
    else report({ kind: 'bought', seats: tickets.length });
  }

  /** Goes to the gate of the hall with the shorter queue; to another when one is closed. */
  async #present(auditorium: string | undefined, shown: Shown): Promise<void> {
    for (let attempt = 0; attempt < triesAtGates && !this.#foyer.closing(); attempt += 1) {
      const lane = this.#serving(auditorium)
        .filter((each) => each.inviting)
        .toSorted((a, b) => a.waiting - b.waiting)[0];
      if (lane === undefined) await pause(500);
      else if ((await this.#at(lane, shown)) !== 'closed') return;
    }
    this.#foyer.report({ kind: 'left', intent: shown.intent });
  }

  async #at(lane: Lane, shown: Shown): Promise<Verdict | 'unread' | 'closed'> {
    const condition = shown.condition ?? drawCondition(this.#foyer.uniform);
    const seed = Math.floor(this.#foyer.uniform() * 0x7fff_ffff);
    const held = await lane.present({ ...shown, condition, seed });
    const { gate } = lane;
    const { intent } = shown;
    if (held.outcome === 'unread') {
      this.#foyer.report({ kind: 'gave-up', gate, intent, condition });
    }
    if (held.outcome !== 'verdict') return held.outcome;
    const { verdict, frames, decodeMs, scanMs, frameToVerdictMs } = held;
    const seen = { verdict, frames, decodeMs, scanMs, frameToVerdictMs };
    this.#foyer.report({ kind: 'verdict', gate, intent, condition, ...seen });
    return verdict;
  }

  #serving(auditorium: string | undefined): Lane[] {
    const { lanes } = this.#foyer;
    const serving = lanes.filter(
      (lane) => auditorium === undefined || lane.auditoriums.includes(auditorium),
    );
    return serving.length > 0 ? serving : [...lanes];
  }

  #any<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#foyer.uniform() * list.length)];
  }

  #walk(): Promise<void> {
    const { uniform } = this.#foyer;
    return pause(shortestWalkMs + (longestWalkMs - shortestWalkMs) * uniform());
  }
}

/** Resolves for everyone when `count` have come, or when the first has waited long enough. */
function meeting(count: number, longestMs: number): () => Promise<void> {
  let come = 0;
  let go: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    go = resolve;
  });
  return () => {
    come += 1;
    if (come === count) go();
    else setTimeout(go, longestMs);
    return all;
  };
}
