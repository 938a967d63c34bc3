import type { EventStore } from '@foyer/cloud-sync/engine';
import { emergencySchema, type Emergency, type LiveState, type NodeId } from '@foyer/contracts';
import type { Clock, Journal, Logger } from '@foyer/platform';
import type { EmergencyStore } from '../../adapters/signage/emergency-store.ts';
import { beats, isOld, latestAtMs, leastImportant } from '../../domain/emergencies.ts';
import type { LiveValues } from '../live-gossip.ts';
import { withRoom } from './with-room.ts';

export const emergencyTopic = 'emergency/';

export interface EmergenciesDeps {
  node: NodeId;
  store: EmergencyStore;
  journal: Journal;
  events: Pick<EventStore, 'append'>;
  clock: Clock;
  logger: Logger;
  /** Whether the list of nodes has a node as active, as far as there is a list. */
  isMember: (node: NodeId) => boolean;
  /** Emergencies changed: all others and every screen must hear of it at once. */
  onChange: () => void;
}

/** How often an active one is noted as still so; a node that was off for a day forgets it. */
const noteEveryMs = 3_600_000;

/** What was raised or heard: on disk, in memory, and told to all by every node that knows. */
export class Emergencies {
  readonly #deps: EmergenciesDeps;
  readonly #known = new Map<string, { emergency: Emergency; seenMs: number; kept: boolean }>();

  constructor(deps: EmergenciesDeps) {
    this.#deps = deps;
    const nowMs = deps.clock.nowMs();
    for (const { emergency, seenMs } of deps.store.all()) {
      if (isOld(seenMs, nowMs)) continue;
      this.#known.set(emergency.emergencyId, { emergency, seenMs, kept: true });
    }
  }

  /** Active ones, in no order. */
  active(): Emergency[] {
    return [...this.#known.values()].flatMap(({ emergency }) =>
      emergency.active ? [emergency] : [],
    );
  }

  /** What this node tells the others: all that it knows. */
  values(): LiveValues {
    const known = [...this.#known.values()];
    return Object.fromEntries(
      known.map(({ emergency }) => [`${emergencyTopic}${emergency.emergencyId}`, emergency]),
    );
  }

  /**
   * Raises an emergency here, or ends it. It is told to everybody even where it cannot be written
   * down. Throws FoyerError `disk-full` then; asked again, it tries again.
   */
  raise(request: Omit<Emergency, 'atMs'>): Emergency {
    const known = this.#known.get(request.emergencyId);
    if (known?.emergency.active === request.active && known.kept) return known.emergency;
    const { clock } = this.#deps;
    const same = known?.emergency.active === request.active ? known.emergency : null;
    const atMs = latestAtMs(clock.nowMs(), known?.emergency ?? null);
    const emergency = same ?? { ...request, atMs };
    this.#take(emergency, true);
    return emergency;
  }

  /** A node told a value of a topic `emergency/ID`. */
  hear({ node, topic, value }: LiveState): void {
    if (!this.#deps.isMember(node)) return;
    const parsed = emergencySchema.safeParse(value);
    if (!parsed.success || topic !== `${emergencyTopic}${parsed.data.emergencyId}`) return;
    const known = this.#known.get(parsed.data.emergencyId)?.emergency ?? null;
    if (!beats(parsed.data, known)) return;
    withRoom('emergency', this.#deps.logger, () => this.#take(parsed.data, false));
  }

  /** Now and then: forgets what ended a day ago, writes down what is not yet written. */
  tend(): void {
    withRoom('emergency', this.#deps.logger, () => this.#tend());
  }

  #tend(): void {
    const { clock, journal, store } = this.#deps;
    const nowMs = Math.round(clock.nowMs());
    for (const [id, known] of this.#known) {
      const { emergency, seenMs, kept } = known;
      if (!emergency.active && isOld(seenMs, nowMs)) {
        journal.transaction(() => store.remove(id));
        this.#known.delete(id);
      } else if (!kept || (emergency.active && nowMs - seenMs >= noteEveryMs)) {
        journal.transaction(() => store.put({ emergency, seenMs: nowMs }));
        this.#known.set(id, { emergency, seenMs: nowMs, kept: true });
      }
    }
  }

  // Memory and the others come first: people must see it whatever the disk does.
  #take(emergency: Emergency, own: boolean): void {
    const { clock, journal, store, events, onChange, node } = this.#deps;
    const seenMs = Math.round(clock.nowMs());
    const id = emergency.emergencyId;
    const told = { emergency, seenMs, kept: false };
    this.#known.set(id, told);
    const dropped = leastImportant([...this.#known.values()].map((each) => each.emergency));
    for (const each of dropped) this.#known.delete(each.emergencyId);
    onChange();
    journal.transaction(() => {
      store.put({ emergency, seenMs });
      for (const each of dropped) store.remove(each.emergencyId);
      if (!own) return;
      const { kind, ...rest } = emergency;
      events.append({ ...rest, kind: 'emergency', emergency: kind, gate: node });
    });
    told.kept = true;
  }
}
