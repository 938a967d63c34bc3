import { nodeIdSchema, theatreNoSchema, type NodeId, type TheatreNo } from './ids.ts';

/**
 * MQTT topics, 5 levels (IoT Core allows 8):
 *
 * - `foyer/1/{theatreNo}/{nodeId}/up`    node to cloud
 * - `foyer/1/{theatreNo}/{nodeId}/down`  cloud to node
 * - `foyer/1/{theatreNo}/all/down`       cloud to every node of a theatre: hints only
 * - `foyer/1/{theatreNo}/{nodeId}/echo`  node to itself: whether anything gets through
 */
/** Every topic of ours begins with it. */
export const topicRoot = 'foyer/1';

/** Stands for a node in `downTopic`; no node may have this name. */
export const everyNode = 'all';

export function upTopic(theatreNo: TheatreNo, nodeId: NodeId): string {
  return `${topicRoot}/${theatreNo}/${nodeId}/up`;
}

export function downTopic(theatreNo: TheatreNo, nodeId: NodeId): string {
  return `${topicRoot}/${theatreNo}/${nodeId}/down`;
}

export function echoTopic(theatreNo: TheatreNo, nodeId: NodeId): string {
  return `${topicRoot}/${theatreNo}/${nodeId}/echo`;
}

/** What a cloud worker subscribes to; with a shared subscription, several workers divide it. */
export const allUpFilter = `${topicRoot}/+/+/up`;

export interface NodeAddress {
  theatreNo: TheatreNo;
  nodeId: NodeId;
}

/** The node that an `up` or `down` topic names, or null for any other topic. */
export function parseTopic(topic: string): (NodeAddress & { direction: 'up' | 'down' }) | null {
  const parts = topic.split('/');
  const [name, version, theatre, node, direction] = parts;
  if (parts.length !== 5 || `${name}/${version}` !== topicRoot) return null;
  if (direction !== 'up' && direction !== 'down') return null;
  if (!/^[1-9]\d{0,4}$/.test(theatre ?? '')) return null;
  const theatreNo = theatreNoSchema.safeParse(Number(theatre));
  const nodeId = nodeIdSchema.safeParse(node);
  if (!theatreNo.success || !nodeId.success) return null;
  return { theatreNo: theatreNo.data, nodeId: nodeId.data, direction };
}
