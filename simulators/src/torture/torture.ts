import type { Uniform } from '../camera/random.ts';
import type { Observer } from '../up/observer.ts';
import type { Guests } from './guests.ts';
import type { House } from './house.ts';
import type { PhaseResult, TortureOptions } from './options.ts';
import type { Watch } from './watch.ts';

/** What a run works with. */
export interface Torture {
  readonly options: TortureOptions;
  readonly house: House;
  readonly watch: Watch;
  readonly observer: Observer;
  readonly guests: Guests;
  readonly uniform: Uniform;
  readonly results: PhaseResult[];
  /** What did not come to rest. */
  readonly stuckAt: string[];
}
