import type { X509Certificate } from 'node:crypto';

import type { NodeId, Role, TheatreNo } from '@foyer/contracts';
import type { RawData, WebSocket } from 'ws';

import { lanBackoff, type Backoff } from '../../backoff.ts';
import type { Clock, Timer } from '../../clock.ts';
import { lanLimits } from '../../limits.ts';
import type { Link, LinkLimits } from '../../link.ts';
import type { Logger } from '../../logger.ts';
import type { Random } from '../../random.ts';
import { nodeClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { nodeRandom } from '../random.ts';
import { certificatesOf, renewable, type RenewableTls } from '../tls-files.ts';
import { Dialer } from './dialer.ts';
import { listenMesh, type MeshPeer, type MeshServer, type MeshTls } from './server.ts';

export type { MeshTls } from './server.ts';

export interface MeshOptions {
  theatreNo: TheatreNo;
  nodeId: NodeId;
  listen: { host: string; port: number };
  /** Texts, or files: those are looked at every `renewMs` and taken up when they were replaced. */
  tls: MeshTls | RenewableTls<MeshTls>;
  /** Between looks at the certificate files; 5,000 when absent. */
  renewMs?: number;
  /** Where to dial whom: `wss://host:port` by node. Others may dial in all the same. */
  peers?: Readonly<Record<NodeId, string>>;
  /** False for a revoked node: it is not let in, and cut off if it is connected. */
  isAllowed?: (nodeId: NodeId) => boolean;
  limits?: LinkLimits;
  backoff?: Backoff;
  /** Between pings; 1,000 when absent. */
  pingMs?: number;
  /** Silence after which a peer is dead; 2,300 when absent. */
  deadMs?: number;
  /** Bytes that may wait for one peer; 8 MiB when absent. */
  maxBufferedBytes?: number;
  logger?: Logger;
  clock?: Clock;
  random?: Random;
}

export interface MeshLink extends Link {
  /** The port that it listens on. */
  readonly port: number;
  /** Sets anew whom to dial; connections that stand are kept. */
  setPeers(peers: Readonly<Record<NodeId, string>>): void;
  /** The role in a connected peer's certificate; null where it names none, or nobody is there. */
  roleOf(peer: NodeId): Role | null;
}

interface Session {
  socket: WebSocket;
  peer: NodeId;
  /** The run of the peer's process. */
  run: string;
  role: Role | null;
  certificate: X509Certificate;
  dialledByUs: boolean;
  heardMs: number;
}

const defaultRenewMs = 5000;
const defaultPingMs = 1000;
const defaultDeadMs = 2300;
const defaultMaxBufferedBytes = 8 * 1_048_576;
/** Close code of the second connection of a pair. */
const duplicateCode = 4409;

class WebSocketMesh implements MeshLink {
  readonly limits: LinkLimits;
  readonly #options: MeshOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #run: string;
  readonly #dialer: Dialer;
  readonly #sessions = new Map<NodeId, Session>();
  readonly #tls: RenewableTls<MeshTls>;
  #server: MeshServer | null = null;
  #renewal: Timer | null = null;
  #tick: Timer | null = null;
  #tickDueMs = 0;
  #pingDueMs = 0;
  #closing: Promise<void> | null = null;
  #onPayload: (peer: string, payload: Uint8Array) => void = () => {};
  #onPeer: (peer: string, connected: boolean) => void = () => {};

  constructor(options: MeshOptions) {
    const random = options.random ?? nodeRandom();
    this.#options = options;
    this.limits = options.limits ?? lanLimits;
    this.#clock = options.clock ?? nodeClock();
    this.#logger = options.logger ?? silentLogger();
    this.#run = random.uuid();
    this.#tls = renewable(options.tls);
    this.#dialer = new Dialer({
      self: options,
      tls: this.#tls.current(),
      run: this.#run,
      clock: this.#clock,
      random,
      logger: this.#logger,
      backoff: options.backoff ?? lanBackoff,
      maxPayloadBytes: this.limits.maxPayloadBytes,
      isConnected: (peer) => this.#sessions.has(peer),
      isAllowed: (peer) => this.#isAllowed(peer),
      connected: (socket, peer) => this.#adopt(socket, peer, true),
    });
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  async start(): Promise<void> {
    const { listen, peers } = this.#options;
    this.#server = await listenMesh({
      listen,
      tls: this.#tls.current(),
      run: this.#run,
      maxPayloadBytes: this.limits.maxPayloadBytes,
      refusal: (peer) => this.#refusal(peer),
      accept: (socket, peer) => this.#adopt(socket, peer, false),
      refused: (reason) => this.#logger.warn('mesh-peer-refused', { reason }),
    });
    this.#scheduleTick();
    this.#scheduleRenewal();
    this.setPeers(peers ?? {});
  }

  peers(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  setPeers(peers: Readonly<Record<NodeId, string>>): void {
    if (this.#closing !== null) return;
    this.#dialer.setPeers(peers);
    // Whoever changes the peers may have revoked one: that waits for no ping.
    for (const session of [...this.#sessions.values()]) this.#dropRevoked(session);
  }

  roleOf(peer: NodeId): Role | null {
    return this.#sessions.get(peer)?.role ?? null;
  }

  send(peer: string, payload: Uint8Array): boolean {
    const socket = this.#sessions.get(peer)?.socket;
    if (socket === undefined || socket.readyState !== socket.OPEN) return false;
    if (payload.byteLength > this.limits.maxPayloadBytes) return false;
    const maxBuffered = this.#options.maxBufferedBytes ?? defaultMaxBufferedBytes;
    if (socket.bufferedAmount + payload.byteLength > maxBuffered) return false;
    socket.send(payload, { binary: true, compress: false }, () => {});
    return true;
  }

  onPayload(listener: (peer: string, payload: Uint8Array) => void): void {
    this.#onPayload = listener;
  }

  onPeer(listener: (peer: string, connected: boolean) => void): void {
    this.#onPeer = listener;
    for (const peer of this.peers()) listener(peer, true);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#tick?.cancel();
    this.#renewal?.cancel();
    this.#dialer.close();
    for (const session of this.#sessions.values()) session.socket.terminate();
    this.#sessions.clear();
    await this.#server?.close();
  }

  #isAllowed(peer: NodeId): boolean {
    return peer !== this.#options.nodeId && (this.#options.isAllowed?.(peer) ?? true);
  }

  #refusal({ nodeId, theatreNo }: MeshPeer): string | null {
    if (theatreNo !== this.#options.theatreNo) return `a node of theatre ${theatreNo}`;
    if (nodeId === this.#options.nodeId) return 'another node has our own certificate';
    return this.#isAllowed(nodeId) ? null : `${nodeId} is revoked`;
  }

  /**
   * Takes a connection that both sides have authenticated, or closes it as the second of a pair.
   */
  #adopt(socket: WebSocket, from: MeshPeer, dialledByUs: boolean): void {
    const { nodeId: peer, run, role, certificate } = from;
    const heardMs = this.#clock.monotonicMs();
    const session = { socket, peer, run, role, certificate, dialledByUs, heardMs };
    socket.on('error', (error) => {
      this.#logger.debug('mesh-socket-error', { peer, reason: error.message });
    });
    if (this.#closing !== null) {
      socket.terminate();
      return;
    }
    const current = this.#sessions.get(peer);
    if (current !== undefined && !this.#supersedes(session, current)) {
      socket.close(duplicateCode, 'duplicate');
      return;
    }
    if (current !== undefined) this.#drop(current, 'superseded');
    this.#sessions.set(peer, session);
    socket.on('message', (data, isBinary) => this.#receive(session, data, isBinary));
    socket.on('pong', () => this.#hear(session));
    socket.on('ping', () => this.#hear(session));
    socket.on('close', (code) => this.#drop(session, `closed with ${code}`));
    this.#logger.info('mesh-peer-connected', { peer, dialledByUs });
    this.#onPeer(peer, true);
  }

  // Both ends must choose the same one of two connections: of two runs of the peer the later, of
  // two connections in the same direction the later, else the one that the lower node id dialled.
  #supersedes(next: Session, current: Session): boolean {
    if (next.run !== current.run || next.dialledByUs === current.dialledByUs) return true;
    return next.dialledByUs === this.#options.nodeId < next.peer;
  }

  #drop(session: Session, reason: string): void {
    session.socket.terminate();
    if (this.#sessions.get(session.peer) !== session) return;
    this.#sessions.delete(session.peer);
    if (this.#closing !== null) return;
    this.#logger.info('mesh-peer-lost', { peer: session.peer, reason });
    this.#onPeer(session.peer, false);
    this.#dialer.dialSoon(session.peer);
  }

  #dropRevoked(session: Session): boolean {
    if (this.#isAllowed(session.peer)) return false;
    this.#logger.warn('mesh-peer-refused', { reason: `${session.peer} is revoked` });
    this.#drop(session, 'revoked');
    return true;
  }

  #scheduleRenewal(): void {
    const everyMs = this.#options.renewMs ?? defaultRenewMs;
    this.#renewal = this.#clock.setTimer('mesh-certificates', everyMs, () => {
      if (this.#tls.renew()) this.#takeUp(this.#tls.current());
      this.#scheduleRenewal();
    });
  }

  /**
   * Connections that stand are kept, but for those of peers whose authority is trusted no more:
   * they have to come again, with a certificate that holds now.
   */
  #takeUp(tls: MeshTls): void {
    this.#server?.setTls(tls);
    this.#dialer.setTls(tls);
    const authorities = certificatesOf(tls.ca, 'mesh.caPath');
    for (const session of [...this.#sessions.values()]) {
      const { certificate } = session;
      const holds = authorities.some(
        (authority) =>
          certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
      );
      if (!holds) this.#drop(session, 'its authority is trusted no more');
    }
  }

  #hear(session: Session): void {
    session.heardMs = this.#clock.monotonicMs();
  }

  #receive(session: Session, data: RawData, isBinary: boolean): void {
    if (this.#sessions.get(session.peer) !== session) return;
    this.#hear(session);
    if (!isBinary) return;
    const payload = Array.isArray(data)
      ? Buffer.concat(data)
      : Buffer.isBuffer(data)
        ? data
        : Buffer.from(data);
    this.#onPayload(session.peer, payload);
  }

  #scheduleTick(): void {
    const everyMs = (this.#options.pingMs ?? defaultPingMs) / 2;
    this.#tickDueMs = this.#clock.monotonicMs() + everyMs;
    this.#tick = this.#clock.setTimer('mesh-liveness', everyMs, () => {
      this.#watch();
      this.#scheduleTick();
    });
  }

  #watch(): void {
    const nowMs = this.#clock.monotonicMs();
    const pingMs = this.#options.pingMs ?? defaultPingMs;
    // After a stall of this process the answers lie unread in the sockets: judge at the next tick.
    const stalled = nowMs - this.#tickDueMs > pingMs;
    const pingNow = nowMs >= this.#pingDueMs;
    if (pingNow) this.#pingDueMs = nowMs + pingMs * 0.9;
    for (const session of [...this.#sessions.values()]) {
      const silentMs = nowMs - session.heardMs;
      if (this.#dropRevoked(session)) continue;
      if (!stalled && silentMs > (this.#options.deadMs ?? defaultDeadMs)) {
        this.#drop(session, 'silent');
      } else if (pingNow && session.socket.readyState === session.socket.OPEN) {
        session.socket.ping();
      }
    }
  }
}

/**
 * Joins a theatre's mesh: listens, dials the given peers for ever, and holds one connection a peer.
 * A peer's name comes from its certificate. A cut cable is noticed within `deadMs` and half a ping.
 * Throws FoyerError `config-invalid` when it cannot listen.
 */
export async function meshLink(options: MeshOptions): Promise<MeshLink> {
  const link = new WebSocketMesh(options);
  await link.start();
  return link;
}
