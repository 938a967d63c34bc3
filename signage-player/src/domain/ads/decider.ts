import type { Screen } from '@foyer/contracts';

/** A promotion that may have this turn. */
export interface AdCandidate {
  readonly campaignId: string;
  readonly itemId: string;
  /** Share of voice among campaigns of its priority. */
  readonly weight: number;
  /** Air time that its share has earned and that it has not had, ms; negative is ahead. */
  readonly deficit: number;
}

/** What a decider may go by. All of it is known to every machine that asks the same question. */
export interface AdContext {
  /** Local time of day in minutes, 0 to 1439, and ISO weekday, 1 is Monday. */
  readonly minuteOfDay: number;
  readonly weekday: number;
  /** Films of the shows whose guests are about, by id. */
  readonly films: readonly string[];
  /** Of each candidate, by campaign: its weight over that of all candidates, 0 to 1. */
  readonly shares: Readonly<Record<string, number>>;
  /**
   * How old the live state is that was consulted, ms. Null where none was: a day is planned before
   * its live state exists, so that it comes out the same on every machine.
   */
  readonly liveAgeMs: number | null;
}

/** One question: which of these has the turn that begins at `nowMs`? */
export interface AdRequest {
  readonly screen: Pick<Screen, 'screenId' | 'kind' | 'auditorium' | 'groups' | 'tags'>;
  readonly nowMs: number;
  readonly context: AdContext;
  /** At least one. */
  readonly eligible: readonly AdCandidate[];
  readonly excluded: readonly {
    readonly campaignId: string;
    readonly itemId: string | null;
    readonly code: string;
    readonly reason: string;
  }[];
  /** The same for the same question; all the randomness that a decider may use. */
  readonly seed: number;
}

/** The answer, with what learning from it needs. */
export interface AdDecision {
  readonly campaignId: string;
  readonly itemId: string;
  /** The probability with which this decider chooses this candidate here, above 0 to 1. */
  readonly propensity: number;
  /** The same for the same question, so that a decision is reported once; at most 64 characters. */
  readonly decisionId: string;
}

/**
 * Chooses among promotions. An implementation is a pure function of its request: two screens that
 * are to show one thing ask the same question and must get the same answer.
 */
export interface AdDecider {
  /** Names it in decision ids and keeps the plans of two deciders apart. */
  readonly name: string;
  decide(request: AdRequest): AdDecision;
}
