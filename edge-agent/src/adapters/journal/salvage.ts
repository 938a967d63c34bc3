import { eventBodySchema, uuidSchema, type EventBody, type NodeId } from '@foyer/contracts';
import { salvage } from '@foyer/platform/node';
import { z } from 'zod';
import { carveIndexRecords, type CarvedValue } from './carve.ts';

/** An own event that a damaged database still held. */
export interface SalvagedEvent {
  eventId: string;
  body: EventBody;
}

interface Found extends SalvagedEvent {
  laneId: number;
  seq: number;
}

/** A row of the outbox by its shape: lane, seq, event id, body, hash, time. */
const eventRowSchema = z.tuple([
  z.int(),
  z.int().min(1),
  uuidSchema,
  z.string().startsWith('{'),
  z.string().length(32),
  z.int(),
]);

const laneSchema = z.object({ id: z.int(), node: z.string(), durable_seq: z.int() });
type LaneRow = z.infer<typeof laneSchema>;

function parseRecord(record: readonly CarvedValue[]): Found | null {
  const row = eventRowSchema.safeParse(record);
  if (!row.success) return null;
  const [laneId, seq, eventId, text] = row.data;
  try {
    const body = eventBodySchema.safeParse(JSON.parse(text));
    return body.success ? { laneId, seq, eventId, body: body.data } : null;
  } catch {
    return null;
  }
}

// Where the lanes cannot be read, every own event is taken: the cloud knows what it has by its id.
function isUnsent(found: Found, lanes: ReadonlyMap<number, LaneRow>, node: NodeId): boolean {
  const lane = lanes.get(found.laneId);
  if (lane !== undefined) return lane.node === node && found.seq > lane.durable_seq;
  return !('gate' in found.body) || found.body.gate === node;
}

/**
 * What can be read of a node's own events that were not durable in the cloud, from a database that
 * was set aside, page by page; in the order that they were written. Never throws.
 */
export function salvageEvents(path: string, node: NodeId): SalvagedEvent[] {
  const lanes = new Map<number, LaneRow>();
  for (const row of salvage(path, 'SELECT id, node, durable_seq FROM outbox_lane')) {
    const lane = laneSchema.safeParse(row);
    if (lane.success) lanes.set(lane.data.id, lane.data);
  }
  const found = new Map<string, Found>();
  for (const record of carveIndexRecords(path)) {
    const event = parseRecord(record);
    if (event !== null && isUnsent(event, lanes, node)) found.set(event.eventId, event);
  }
  const inOrder = [...found.values()].sort(
    (one, other) => one.laneId - other.laneId || one.seq - other.seq,
  );
  return inOrder.map(({ eventId, body }) => ({ eventId, body }));
}
