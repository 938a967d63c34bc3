import type { Message, MessageType, Push, Role } from '@foyer/contracts';

/** Why a message was refused. The list is closed: it labels a metric. */
export const refusalReasons = [
  /** The peer never sends this kind of message: a claim from the cloud, a push from it. */
  'wrong-direction',
  /** The peer's role does not let it: a screen that votes, a node of unknown role that pushes. */
  'wrong-role',
  /** It speaks for a node that is not the one of its certificate. */
  'foreign-identity',
  /** It asks for a feed that its role does not read. */
  'foreign-feed',
  /** It relays what only its own node may send. */
  'foreign-events',
  /** It relays more of a living node's events than that node itself has. */
  'ahead-of-origin',
  /** It says again, too soon, that it holds more of this node's events than this node. */
  'forked-again',
  /** Rows or news of a feed from somebody who is not the upstream. */
  'not-upstream',
  /** An answer to what was not asked, or an acknowledgement of what was not sent. */
  'not-asked',
  /** It belongs to another epoch of the feed. */
  'other-epoch',
  /** It tells what was told before. */
  'replayed',
  /** It is of a start of its node that is over. */
  'old-boot',
  /** It tells the state of a node that can be asked itself. */
  'hearsay',
  /** Its version is beyond any that an honest clock gives. */
  'absurd-version',
  /** An event names another gate than the node that wrote it. */
  'foreign-gate',
  /** An event stands in a lane of another kind. */
  'wrong-lane',
  /** An event is about another theatre's ticket. */
  'wrong-theatre',
  /** An event has the id of another node's event. */
  'event-id-taken',
  /** It cannot be read: it has a type of `none`. */
  'damaged-frame',
  'unparsable',
  'unsupported-version',
  'payload-too-large',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** A message that was refused; `none`: what it was cannot be told. */
export interface Refusal {
  reason: RefusalReason;
  type: MessageType | 'none';
  /** The name in the certificate, or of the topic. */
  peer: string;
}

type Sender = Role | 'cloud' | null;

const fromCloud: ReadonlySet<MessageType> = new Set([
  'hint',
  'chunk',
  'snapshot',
  'compared',
  'range-rows',
  'ack',
]);
/**
 * A screen shows: it reads one feed, reports on itself, and has no part in admission. A node that
 * has not said what it is, or may not be that, can do no more.
 */
const fromAnyone: ReadonlySet<MessageType> = new Set([
  'hello',
  'heartbeat',
  'live-state',
  'pull',
  'compare',
  'fetch-range',
  'push',
  'screen-command-result',
]);

function refusePush(role: Sender, peer: string, push: Push): RefusalReason | null {
  if (role === null) return 'wrong-role';
  const own = push.node === peer;
  if (role === 'screen' && (!own || push.lane === 'ledger')) return 'wrong-role';
  // Of other nodes' events gates pass on admissions only; the theatre agent carries all upwards.
  return own || push.lane === 'ledger' || role === 'theatre' ? null : 'foreign-events';
}

/**
 * Whether a peer may send a message at all, by who it is: `peer` comes from its certificate or
 * topic, `role` from the list of nodes; null while it is unknown. What a message says of votes,
 * feeds and lanes is judged by those who keep them.
 */
export function refuseMessage(role: Sender, peer: string, message: Message): RefusalReason | null {
  const { type } = message;
  if (role === 'cloud') return fromCloud.has(type) ? null : 'wrong-direction';
  if (type === 'hello') return message.node === peer ? null : 'foreign-identity';
  if ((role === null || role === 'screen') && !fromAnyone.has(type)) return 'wrong-role';
  return type === 'push' ? refusePush(role, peer, message) : null;
}

/** The reason under which a payload that cannot be read is counted. */
export function reasonOfCode(code: string): RefusalReason {
  return refusalReasons.find((reason) => reason === code) ?? 'unparsable';
}
