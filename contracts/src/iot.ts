import { nodeIdSchema, theatreNoSchema, type NodeId, type TheatreNo } from './ids.ts';
import type { NodeAddress } from './topics.ts';

const prefix = 'foyer';

/**
 * A node's thing in AWS IoT, and so its core device in Greengrass: `foyer-7-gate-1`. Its
 * certificate may connect under this client id, which the nucleus uses, and under this followed by
 * `#` and anything, as further connections of the classic nucleus are named.
 */
export function thingName(theatreNo: TheatreNo, nodeId: NodeId): string {
  return `${prefix}-${theatreNo}-${nodeId}`;
}

/** Client id of a node's own connection to IoT Core, beside that of its nucleus. */
export function directClientId(theatreNo: TheatreNo, nodeId: NodeId): string {
  return `${thingName(theatreNo, nodeId)}#link`;
}

/** The node that a thing stands for, or null for a thing that is not one of ours. */
export function parseThingName(name: string): NodeAddress | null {
  const [, theatre, node] = /^foyer-([1-9]\d{0,4})-(.+)$/.exec(name) ?? [];
  const theatreNo = theatreNoSchema.safeParse(Number(theatre));
  const nodeId = nodeIdSchema.safeParse(node);
  if (!theatreNo.success || !nodeId.success) return null;
  return { theatreNo: theatreNo.data, nodeId: nodeId.data };
}
