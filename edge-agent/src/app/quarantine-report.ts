import type { EventStore } from '@foyer/cloud-sync/engine';
import type { NodeId } from '@foyer/contracts';
import type { Clock, Journal, Logger } from '@foyer/platform';
import { salvageEvents } from '../adapters/journal/salvage.ts';
import type { ReceivedEvent } from '../domain/admission/ports.ts';

/**
 * Puts the unsent events of a damaged database that was set aside into the new outbox, under their
 * own ids, with an alarm that says so: one transaction.
 */
export function reportQuarantine(deps: {
  path: string;
  node: NodeId;
  journal: Journal;
  events: EventStore;
  /** Their effect on what this node knows; without it, it would admit its own guests again. */
  apply: (event: ReceivedEvent) => void;
  clock: Clock;
  logger: Logger;
}): void {
  const { path, node, journal, events, apply, clock, logger } = deps;
  const salvaged = salvageEvents(path, node);
  journal.transaction(() => {
    for (const { eventId, body } of salvaged) {
      if (events.has(eventId)) continue;
      const { seq } = events.append(body, eventId);
      apply({ eventId, seq, body });
    }
    events.append({
      kind: 'alarm',
      code: 'database-quarantined',
      detail: `Set aside as ${path}; ${salvaged.length} events were saved.`.slice(0, 500),
      gate: node,
      atMs: clock.nowMs(),
    });
  });
  logger.warn('events-salvaged', { events: salvaged.length, path });
}
