import { lanLimits, type Link, type LinkLimits } from '@foyer/platform';

/** A link whose other end is the fuzzer: it delivers what it likes, and swallows what is sent. */
export class FakeLink implements Link {
  readonly limits: LinkLimits;
  readonly port = 0;
  #peers: readonly string[];
  #onPayload: (peer: string, payload: Uint8Array) => void = () => {};
  #onPeer: (peer: string, connected: boolean) => void = () => {};

  constructor(peers: readonly string[], limits: LinkLimits = lanLimits) {
    this.#peers = peers;
    this.limits = limits;
  }

  peers(): readonly string[] {
    return this.#peers;
  }

  send(peer: string, payload: Uint8Array): boolean {
    return this.#peers.includes(peer) && payload.byteLength <= this.limits.maxPayloadBytes;
  }

  onPayload(listener: (peer: string, payload: Uint8Array) => void): void {
    this.#onPayload = listener;
  }

  onPeer(listener: (peer: string, connected: boolean) => void): void {
    this.#onPeer = listener;
    for (const peer of this.#peers) listener(peer, true);
  }

  setPeers(): void {}

  close(): Promise<void> {
    this.#peers = [];
    return Promise.resolve();
  }

  /** A payload arrives; a real link refuses what is larger than it carries. */
  deliver(peer: string, payload: Uint8Array): void {
    if (payload.byteLength <= this.limits.maxPayloadBytes) this.#onPayload(peer, payload);
  }

  /** A peer goes away and comes back. */
  blink(peer: string): void {
    this.#onPeer(peer, false);
    this.#onPeer(peer, true);
  }
}
