import { hash } from 'node:crypto';

import {
  eventBodySchema,
  FoyerError,
  type EventBody,
  type Lane,
  type OutboxEvent,
} from '@foyer/contracts';

/** The lane of one incarnation of a node: what sequence numbers count in. */
export interface LaneKey {
  node: string;
  incarnation: string;
  lane: Lane;
}

export function laneText(key: LaneKey): string {
  return `${key.node}/${key.incarnation}/${key.lane}`;
}

/** The chain's hash after an event: the first 16 bytes of a SHA-256, in hex. */
export function chainHash(prevHash: string, event: OutboxEvent): string {
  const text = `${prevHash}\n${event.seq}\n${event.eventId}\n${event.body}`;
  return hash('sha256', text, 'hex').slice(0, 32);
}

/**
 * Where one of two chains that went on from the same event is kept: an incarnation of its own,
 * which whoever finds the two derives alike from the chain's first event of its own.
 */
export function branchOf(incarnation: string, firstHash: string): string {
  return hash('sha256', `${incarnation}\n${firstHash}`, 'hex').slice(0, 16);
}

/** The body of an event. Throws FoyerError `unparsable`: such an event is rejected for good. */
export function parseEventBody(event: OutboxEvent): EventBody {
  let json: unknown;
  try {
    json = JSON.parse(event.body);
  } catch (cause) {
    throw new FoyerError('unparsable', `The body of event ${event.eventId} is not JSON.`, {
      cause,
    });
  }
  const parsed = eventBodySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new FoyerError(
    'unparsable',
    `The body of ${event.eventId} is not as agreed: ${parsed.error.issues[0]?.message ?? ''}.`,
  );
}
