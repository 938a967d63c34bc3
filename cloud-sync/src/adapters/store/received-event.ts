import type { EventBody } from '@foyer/contracts';

/** An event that was parsed, with its identity and its place in the lane. */
export interface ReceivedEvent<B extends EventBody = EventBody> {
  eventId: string;
  body: B;
  seq: number;
  /** The chain's hash before it. */
  prevHash: string;
}
