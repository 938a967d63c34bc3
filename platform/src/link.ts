/** What a link can carry; the engine adapts chunk size and rate to it. */
export interface LinkLimits {
  maxPayloadBytes: number;
  /** The largest payload that reaches this end, where that is another than `maxPayloadBytes`. */
  maxReceivedBytes?: number;
  /** Publishes a second, in and out together; Infinity where there is no limit. */
  maxPublishesPerS: number;
  maxBytesPerS: number;
  /** Payloads handed over and not yet confirmed by the first hop. */
  maxInFlight: number;
}

/** The one peer of a node's link to the cloud. */
export const cloudPeer = 'cloud';

/**
 * Moves opaque bytes between named peers. It may lose, double and reorder them, and promises
 * nothing else: a `true` from `send` means "handed over", never "arrived".
 */
export interface Link {
  /** They change only while no peer is connected. */
  readonly limits: LinkLimits;
  /** Peers that can be sent to right now. */
  peers(): readonly string[];
  /**
   * False when the peer is not connected, the buffer is full, or the payload is too large. The
   * bytes are the link's from then on: they may not be changed.
   */
  send(peer: string, payload: Uint8Array): boolean;
  /** At most one listener each; the sender's name comes from the link, never from the payload. */
  onPayload(listener: (peer: string, payload: Uint8Array) => void): void;
  /** The listener hears at once of the peers that are connected already. */
  onPeer(listener: (peer: string, connected: boolean) => void): void;
  /** Idempotent. */
  close(): Promise<void>;
}
