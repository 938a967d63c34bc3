import type { Emergency, Item } from '@foyer/contracts';

import type { AdDecision } from '../ads/index.ts';

/**
 * Why something is not on, the whole list:
 * - `emergency`, `standby`: the whole screen shows that instead;
 * - `paused`, `not-targeted`, `out-of-dates`, `other-weekday`, `other-daypart`, `no-show` (no show
 *   is in the campaign's window), `item-missing`, `media-missing`;
 * - `rating` (a film about is rated for younger guests), `rating-unknown` (no film, or one that the
 *   house does not know), `outside-legal-hours`;
 * - `condition` (live state says no), `condition-unknown` (live state is silent or too old);
 * - `lower-priority`, `cap`, `separation`, `repeat` (it was on last), `does-not-fit` (it would be
 *   cut off), `turn` (others are owed more air time).
 */
export type ExclusionCode =
  | 'emergency'
  | 'standby'
  | 'paused'
  | 'not-targeted'
  | 'out-of-dates'
  | 'other-weekday'
  | 'other-daypart'
  | 'no-show'
  | 'item-missing'
  | 'media-missing'
  | 'rating'
  | 'rating-unknown'
  | 'outside-legal-hours'
  | 'condition'
  | 'condition-unknown'
  | 'lower-priority'
  | 'cap'
  | 'separation'
  | 'repeat'
  | 'does-not-fit'
  | 'turn';

/** A campaign (`itemId` null: as a whole) that is not on, and why. */
export interface Exclusion {
  readonly campaignId: string;
  readonly itemId: string | null;
  readonly code: ExclusionCode;
  /** A sentence for people. */
  readonly reason: string;
}

/**
 * Why something is on:
 * `turn` (its share of voice), `only` (nothing else may be on), `condition-fallback` (its
 * campaign's condition fails), `stand-in` (in the turn of a campaign whose condition fails),
 * `emergency`,
 * `standby`, `nothing` (the branded fallback).
 */
export type InclusionCode =
  | 'turn'
  | 'only'
  | 'condition-fallback'
  | 'stand-in'
  | 'emergency'
  | 'standby'
  | 'nothing';

/** What is on a screen from `startMs` (inclusive) to `endMs` (exclusive), UTC ms. */
export interface Slot {
  readonly kind: 'item' | 'emergency' | 'standby' | 'fallback';
  readonly startMs: number;
  /** Ask again then. An emergency or a standby may well go on after it. */
  readonly endMs: number;
  /** Of the kind `item`; null otherwise. */
  readonly item: Item | null;
  readonly campaignId: string | null;
  /** Of the kind `emergency`; null otherwise. */
  readonly emergency: Emergency | null;
  /** Of a promotion; null otherwise. */
  readonly decision: AdDecision | null;
  readonly code: InclusionCode;
  /** A sentence for people. */
  readonly reason: string;
  readonly excluded: readonly Exclusion[];
}
