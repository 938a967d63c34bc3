import { eventBodySchema, uuidSchema, type EventBody, type NodeId } from '@foyer/contracts';
import { salvage } from '@foyer/platform/node';
import { z } from 'zod';

/** An own event that a damaged database still held. */
export interface SalvagedEvent {
  eventId: string;
  body: EventBody;
}

const rowSchema = z.object({
  seq: z.int(),
  event_id: uuidSchema,
  body: z.string(),
  node: z.string().optional(),
});

const unsent = `SELECT e.seq, e.event_id, e.body, l.node FROM outbox_event e
  JOIN outbox_lane l ON l.id = e.lane_id WHERE e.seq > l.durable_seq`;
// Where the lanes cannot be read, every event is taken: the cloud knows what it has by event id.
const every = 'SELECT seq, event_id, body FROM outbox_event';
// An end of the table may be readable when the other is not.
const directions = ['ORDER BY e.lane_id, e.seq', 'ORDER BY e.lane_id DESC, e.seq DESC'];

function parseRow(row: unknown, node: NodeId): (SalvagedEvent & { seq: number }) | null {
  const parsed = rowSchema.safeParse(row);
  if (!parsed.success) return null;
  const { seq, event_id: eventId, body: text } = parsed.data;
  try {
    const body = eventBodySchema.safeParse(JSON.parse(text));
    if (!body.success) return null;
    const author = parsed.data.node ?? ('gate' in body.data ? body.data.gate : node);
    return author === node ? { seq, eventId, body: body.data } : null;
  } catch {
    return null;
  }
}

/**
 * What can be read of a node's own events that were not durable in the cloud, from a database that
 * was set aside; in the order that they were written. Never throws.
 */
export function salvageEvents(path: string, node: NodeId): SalvagedEvent[] {
  const found = new Map<string, SalvagedEvent & { seq: number }>();
  for (const select of [unsent, `${every} e`]) {
    for (const direction of directions) {
      for (const row of salvage(path, `${select} ${direction}`)) {
        const event = parseRow(row, node);
        if (event !== null) found.set(event.eventId, event);
      }
    }
    if (found.size > 0) break;
  }
  const inOrder = [...found.values()].sort((one, other) => one.seq - other.seq);
  return inOrder.map(({ eventId, body }) => ({ eventId, body }));
}
