import type { IncomingMessage } from 'node:http';
import { createSecureContext } from 'node:tls';
import type { ConnectionOptions, SecureContext } from 'node:tls';

import type { NodeId, TheatreNo } from '@foyer/contracts';
import { WebSocket } from 'ws';

import { backoffMs, type Backoff } from '../../backoff.ts';
import type { Clock, Timer } from '../../clock.ts';
import type { Logger } from '../../logger.ts';
import type { Random } from '../../random.ts';
import { identityOf } from './identity.ts';
import { peerOf, runHeader, type MeshPeer, type MeshTls } from './server.ts';

export interface DialerOptions {
  self: { theatreNo: TheatreNo; nodeId: NodeId };
  tls: MeshTls;
  run: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  backoff: Backoff;
  maxPayloadBytes: number;
  isConnected(peer: NodeId): boolean;
  isAllowed(peer: NodeId): boolean;
  connected(socket: WebSocket, peer: MeshPeer): void;
}

interface Target {
  url: string;
  failures: number;
  timer: Timer | null;
  socket: WebSocket | null;
}

const handshakeTimeoutMs = 3000;
/** The side with the higher node id waits, so that the two rarely dial each other at once. */
const politeMs = 150;

/** Dials peers until they are connected, each with its own backoff. */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #targets = new Map<NodeId, Target>();
  // Made once: reading the certificates takes tens of milliseconds, in which nobody is admitted.
  #secureContext: SecureContext | undefined;
  #tls: MeshTls;
  #closed = false;

  constructor(options: DialerOptions) {
    this.#options = options;
    this.#tls = options.tls;
  }

  /** From the next dial on. */
  setTls(tls: MeshTls): void {
    this.#tls = tls;
    this.#secureContext = undefined;
  }

  setPeers(peers: Readonly<Record<NodeId, string>>): void {
    for (const [peer, target] of this.#targets) {
      if (peers[peer] === target.url) continue;
      stop(target);
      this.#targets.delete(peer);
    }
    for (const [peer, url] of Object.entries(peers)) {
      if (peer === this.#options.self.nodeId || this.#targets.has(peer)) continue;
      this.#targets.set(peer, { url, failures: 0, timer: null, socket: null });
      this.#schedule(peer, this.#politenessMs(peer));
    }
  }

  /** A connection to this peer ended. */
  dialSoon(peer: NodeId): void {
    const target = this.#targets.get(peer);
    if (target === undefined || target.timer !== null || target.socket !== null) return;
    target.failures = 1;
    this.#schedule(peer, this.#delayMs(peer, target));
  }

  close(): void {
    this.#closed = true;
    for (const target of this.#targets.values()) stop(target);
    this.#targets.clear();
  }

  #politenessMs(peer: NodeId): number {
    return this.#options.self.nodeId < peer ? 0 : politeMs;
  }

  #delayMs(peer: NodeId, target: Target): number {
    const { backoff, random } = this.#options;
    return backoffMs(target.failures, backoff, random) + this.#politenessMs(peer);
  }

  #schedule(peer: NodeId, delayMs: number): void {
    const target = this.#targets.get(peer);
    if (target === undefined || this.#closed) return;
    target.timer = this.#options.clock.setTimer(`mesh-dial-${peer}`, delayMs, () => {
      target.timer = null;
      this.#dial(peer, target);
    });
  }

  #dial(peer: NodeId, target: Target): void {
    if (this.#options.isConnected(peer)) return;
    if (!this.#options.isAllowed(peer)) {
      this.#failed(peer, target, 'revoked');
      return;
    }
    let reached: MeshPeer | null = null;
    let socket: WebSocket;
    try {
      socket = this.#open(peer, target.url);
    } catch (error) {
      this.#failed(peer, target, error instanceof Error ? error.message : 'not a URL');
      return;
    }
    target.socket = socket;
    socket.once('upgrade', (response: IncomingMessage) => {
      reached = peerOf(response);
    });
    const failed = (reason: string): void => {
      if (target.socket !== socket) return;
      this.#failed(peer, target, reason);
    };
    socket.once('error', (error) => failed(error.message));
    socket.once('close', () => failed('closed'));
    socket.once('open', () => {
      if (target.socket !== socket) return;
      // The check of the certificate let nobody else through.
      if (reached === null) {
        socket.terminate();
        return;
      }
      target.socket = null;
      target.failures = 0;
      this.#options.connected(socket, reached);
    });
  }

  #open(peer: NodeId, url: string): WebSocket {
    const { self, run, maxPayloadBytes } = this.#options;
    this.#secureContext ??= createSecureContext(this.#tls);
    const identity: ConnectionOptions = {
      secureContext: this.#secureContext,
      rejectUnauthorized: true,
      // Addresses are hints: who answers is what its certificate says, never the host's name.
      checkServerIdentity: (_host, certificate) => {
        const found = identityOf(certificate);
        if (found?.nodeId === peer && found.theatreNo === self.theatreNo) return undefined;
        return new Error(`The node at ${url} is not ${peer} of theatre ${self.theatreNo}.`);
      },
    };
    return new WebSocket(url, {
      // The types of ws declare another result of checkServerIdentity than node:tls, which calls
      // it.
      ...(identity as object),
      headers: { [runHeader]: run },
      perMessageDeflate: false,
      maxPayload: maxPayloadBytes,
      handshakeTimeout: handshakeTimeoutMs,
      followRedirects: false,
    });
  }

  #failed(peer: NodeId, target: Target, reason: string): void {
    target.socket = null;
    if (this.#closed || this.#targets.get(peer) !== target) return;
    target.failures += 1;
    const delayMs = this.#delayMs(peer, target);
    this.#options.logger.debug('mesh-dial-failed', { peer, reason, retryMs: delayMs });
    this.#schedule(peer, delayMs);
  }
}

function stop(target: Target): void {
  target.timer?.cancel();
  const socket = target.socket;
  target.socket = null;
  socket?.terminate();
}
