import { bookingOperations, localOperations } from '@foyer/contracts';
import type { ScreenState, Status } from '@foyer/contracts';
import type { z } from 'zod';

import { BookingClient } from '../booking/client.ts';
import type { CloudAdmission, ReportedDouble } from '../checkers/index.ts';
import { theatreNo } from '../world/index.ts';

const statusTimeoutMs = 1_500;
const pageSize = 1_000;
const mostPages = 200;

/** What the cloud says of the theatre. */
export type CloudSummary = z.infer<typeof bookingOperations.summary.response>;

/** Asks agents and the cloud how they are, through the APIs that anybody may use. */
export class Observer {
  readonly #urlOf: (name: string) => string;

  constructor(urlOf: (name: string) => string) {
    this.#urlOf = urlOf;
  }

  /** A node's state; undefined when it does not answer. */
  async status(node: string): Promise<Status | undefined> {
    try {
      const response = await fetch(new URL(localOperations.status.path, this.#urlOf(node)), {
        signal: AbortSignal.timeout(statusTimeoutMs),
      });
      const body: unknown = await response.json();
      return localOperations.status.response.parse(body);
    } catch {
      return undefined;
    }
  }

  /** Every screen of the theatre as a node knows it; none when it does not answer. */
  async screens(node: string): Promise<ScreenState[]> {
    try {
      const response = await fetch(new URL(localOperations.screens.path, this.#urlOf(node)), {
        signal: AbortSignal.timeout(statusTimeoutMs),
      });
      return localOperations.screens.response.parse(await response.json()).screens;
    } catch {
      return [];
    }
  }

  /** The cloud's own count; undefined when it does not answer. */
  async summary(): Promise<CloudSummary | undefined> {
    return this.#cloud()
      .call(bookingOperations.summary, { params: { theatreNo } })
      .catch(() => undefined);
  }

  /** Every admission that the cloud has, page by page. @throws FoyerError `link-down`. */
  async admissions(): Promise<CloudAdmission[]> {
    const all: CloudAdmission[] = [];
    let after: string | null = null;
    for (let page = 0; page < mostPages; page += 1) {
      const query: Record<string, string | number> = { limit: pageSize };
      if (after !== null) query['after'] = after;
      const answer = await this.#cloud().call(bookingOperations.admissions, {
        params: { theatreNo },
        query,
      });
      all.push(...answer.admissions);
      after = answer.nextAfter;
      if (after === null) break;
    }
    return all;
  }

  /** Every double that gates reported. @throws FoyerError `link-down`. */
  async doubles(): Promise<ReportedDouble[]> {
    const answer = await this.#cloud().call(bookingOperations.doubles, { params: { theatreNo } });
    return answer.doubles;
  }

  #cloud(): BookingClient {
    return new BookingClient(this.#urlOf('cloud'));
  }
}
