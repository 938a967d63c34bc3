import type { Message, Role } from '@foyer/contracts';
import type { LinkLimits } from '@foyer/platform';

/** What a peer is to the sync engine: the cloud, or an agent of this theatre. */
export type PeerRole = Role | 'cloud';

/** One peer on one link. */
export interface Channel {
  readonly link: string;
  readonly peer: string;
  readonly limits: LinkLimits;
  /** Null until the peer said hello. */
  readonly role: PeerRole | null;
  /** When it was last heard, monotonic milliseconds; null: never on this connection. */
  readonly heardMs: number | null;
  /** Hands a message to the link's egress; false when there is no room for it. */
  send(message: Message): boolean;
}
