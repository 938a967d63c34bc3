import { isFoyerError, type FoyerError, type Message, type Role } from '@foyer/contracts';
import { PerSecond, type Clock, type Link, type Logger } from '@foyer/platform';

import { egressLaneOf, egressLanes, type EgressLane } from '../domain/egress-plan.ts';
import { encodeFrame, FrameReader } from '../domain/frame.ts';
import { reasonOfCode, refuseMessage } from '../domain/refusals.ts';
import type { Channel, PeerRole } from './channel.ts';
import type { DeadLetters } from './dead-letters.ts';
import { Egress } from './egress.ts';
import type { RefusalLog } from './refusal-log.ts';

export interface LinkOptions {
  /** Names the link in `setUpstream`, status and logs. */
  name: string;
  link: Link;
  /** What a peer is; without it, what the peer's hello says. */
  roleOf?: (peer: string) => PeerRole | null;
  /** Whether a peer may have the role that its hello claims; without it, every role is believed. */
  mayBe?: (peer: string, role: Role) => boolean;
  /** Every message that is none of the engine's, and hello and heartbeat, which it only reads. */
  onMessage?: (peer: string, message: Message) => void;
  onPeer?: (peer: string, connected: boolean) => void;
  /** A payload that cannot be read; without it, the payload becomes a dead letter. */
  onUnreadable?: (peer: string, payload: Uint8Array, error: FoyerError) => void;
}

/** What a link's owner may do with it. */
export interface SyncLink {
  readonly name: string;
  /** Before everything that feeds and outboxes send. A `true` means handed over. */
  send(peer: string, message: Message): boolean;
  /** The same to every connected peer. */
  sendToAll(message: Message): void;
  peers(): readonly string[];
  /** How many payloads or streams wait in a lane. */
  waiting(lane: EgressLane): number;
  /** Closes the link itself, too. Idempotent. */
  close(): Promise<void>;
}

/** What the node does with a link's events. */
export interface LinkHandler {
  connected(channel: Channel, egress: Egress): void;
  disconnected(channel: Channel): void;
  message(channel: Channel, message: Message): void;
}

/** Letters that a second may bring; more are counted only: each costs a commit. */
const lettersPerS = 10;

interface Parts {
  clock: Clock;
  logger: Logger;
  refusals: RefusalLog;
  deadLetters: DeadLetters;
  handler: LinkHandler;
}

class PeerChannel implements Channel {
  readonly link: string;
  readonly peer: string;
  readonly limits: Link['limits'];
  readonly reader = new FrameReader();
  readonly #egress: Egress;
  role: PeerRole | null;
  /** What its hello says. */
  claimed: Role | null = null;
  heardMs: number | null = null;

  constructor(options: LinkOptions, egress: Egress, peer: string) {
    this.link = options.name;
    this.peer = peer;
    this.limits = options.link.limits;
    this.role = options.roleOf?.(peer) ?? null;
    this.#egress = egress;
  }

  send(message: Message): boolean {
    const lane = egressLaneOf(message);
    return this.#egress.send(lane, this.peer, frameFor(this.limits, message));
  }
}

/** One link: frames in and out, within its limits; what cannot be read is kept for a person. */
export class LinkPort implements SyncLink {
  readonly #options: LinkOptions;
  readonly #parts: Parts;
  readonly #egress: Egress;
  readonly #channels = new Map<string, PeerChannel>();
  readonly #letters = new PerSecond(lettersPerS);
  #unreadable = 0;
  #closed = false;

  constructor(options: LinkOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.#egress = new Egress(options.link, parts.clock, (dropped) =>
      parts.logger.error('payload-too-large', { link: options.name, ...dropped }),
    );
    options.link.onPeer((peer, connected) => this.#peer(peer, connected));
    options.link.onPayload((peer, payload) => this.#payload(peer, payload));
  }

  /** Begins with the peers that are connected already; called once the node is ready for them. */
  open(): void {
    for (const peer of this.#options.link.peers()) this.#peer(peer, true);
  }

  get name(): string {
    return this.#options.name;
  }

  /** Payloads that could not be read, since the start. */
  get unreadable(): number {
    return this.#unreadable;
  }

  channel(peer: string): Channel | null {
    return this.#channels.get(peer) ?? null;
  }

  channels(): readonly Channel[] {
    return [...this.#channels.values()];
  }

  peers(): readonly string[] {
    return this.#options.link.peers();
  }

  waiting(lane: EgressLane): number {
    return this.#egress.waiting(lane);
  }

  /** How many payloads or streams wait in all lanes. */
  waitingInAll(): number {
    return egressLanes.reduce((sum, lane) => sum + this.#egress.waiting(lane), 0);
  }

  send(peer: string, message: Message): boolean {
    if (!this.#channels.has(peer)) return false;
    const frame = frameFor(this.#options.link.limits, message);
    return this.#egress.send(egressLaneOf(message), peer, frame);
  }

  sendToAll(message: Message): void {
    const peers = this.peers();
    if (peers.length === 0) return;
    const lane = egressLaneOf(message);
    const frame = frameFor(this.#options.link.limits, message);
    for (const peer of peers) {
      if (this.#channels.has(peer)) this.#egress.send(lane, peer, frame);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#egress.close();
    for (const peer of this.#channels.keys()) this.#peer(peer, false);
    await this.#options.link.close();
  }

  #peer(peer: string, connected: boolean): void {
    const known = this.#channels.get(peer);
    if (connected === (known !== undefined)) return;
    if (known === undefined) {
      if (this.#closed) return;
      const channel = new PeerChannel(this.#options, this.#egress, peer);
      this.#channels.set(peer, channel);
      this.#parts.handler.connected(channel, this.#egress);
    } else {
      this.#channels.delete(peer);
      this.#egress.forget(peer);
      this.#parts.handler.disconnected(known);
    }
    this.#options.onPeer?.(peer, connected);
  }

  #payload(peer: string, payload: Uint8Array): void {
    if (this.#closed) return;
    this.#egress.received(payload.byteLength);
    let message: Message | null;
    try {
      message = (this.#channels.get(peer)?.reader ?? new FrameReader()).read(payload);
    } catch (error) {
      this.#unread(peer, payload, error);
      return;
    }
    if (message === null) return;
    this.#peer(peer, true);
    const channel = this.#channels.get(peer);
    if (channel === undefined) return;
    channel.heardMs = this.#parts.clock.monotonicMs();
    if (message.type === 'hello' && message.node === peer) channel.claimed = message.role;
    // Again with each payload: the list of nodes that allows the role may come after the hello.
    if (channel.claimed !== null) this.#take(channel, channel.claimed, message.type === 'hello');
    const reason = refuseMessage(channel.role, peer, message);
    if (reason !== null) {
      this.#parts.refusals.note({ reason, type: message.type, peer });
      return;
    }
    try {
      this.#parts.handler.message(channel, message);
    } catch (error) {
      this.#unread(peer, payload, error);
      return;
    }
    if (!ofEngine(message)) this.#options.onMessage?.(peer, message);
  }

  #take(channel: PeerChannel, role: Role, isHello: boolean): void {
    const { peer } = channel;
    if (this.#options.roleOf !== undefined || channel.role === role) return;
    if (this.#options.mayBe?.(peer, role) === false) {
      if (isHello) this.#parts.refusals.note({ reason: 'wrong-role', type: 'hello', peer }, role);
      return;
    }
    this.#parts.handler.disconnected(channel);
    channel.role = role;
    this.#parts.handler.connected(channel, this.#egress);
  }

  /**
   * Only what a payload can cause is kept from the caller; anything else is a defect or a crash.
   */
  #unread(peer: string, payload: Uint8Array, error: unknown): void {
    if (!isFoyerError(error)) throw error;
    const { code, message } = error;
    const { clock, logger, deadLetters, refusals } = this.#parts;
    if (code === 'disk-full' || code === 'database-corrupt') {
      logger.error('payload-not-applied', { link: this.name, peer, code, reason: message });
      return;
    }
    this.#unreadable += 1;
    refusals.note({ reason: reasonOfCode(code), type: 'none', peer }, message);
    // A damaged frame is asked for again; the others will come back the same.
    if (code === 'damaged-frame' && this.#options.onUnreadable === undefined) return;
    if (this.#options.onUnreadable !== undefined) {
      this.#options.onUnreadable(peer, payload, error);
      return;
    }
    if (!this.#letters.take(clock.monotonicMs())) return;
    try {
      deadLetters.add({ kind: 'payload', peer, code, message, payload });
    } catch (full) {
      if (!isFoyerError(full)) throw full;
      logger.error('dead-letter-lost', { peer, code: full.code });
    }
  }
}

function frameFor({ maxPayloadBytes }: Link['limits'], message: Message): Uint8Array {
  return encodeFrame(message, 'br', maxPayloadBytes);
}

function ofEngine(message: Message): boolean {
  return 'feed' in message || message.type === 'push' || message.type === 'ack';
}
