import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

const highestConnections = 256;

/** How a bad cable carries bytes; a good one does so at once. */
export interface Manner {
  /** Every chunk arrives so much later, each way. */
  readonly delayMs: number;
  /** Bytes a second, each way of each connection. */
  readonly bytesPerS: number;
}

const goodManner: Manner = { delayMs: 0, bytesPerS: Number.POSITIVE_INFINITY };
/** Bytes that a slow cable holds of one way of a connection before its sender must wait. */
const mostHeldBytes = 262_144;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** One end is gone, but the other was not told: the cable was pulled by then. */
  halfGone: boolean;
}

/** One way of a connection on a slow cable. */
interface Way {
  readonly queue: { readonly chunk: Buffer; readonly dueMs: number }[];
  heldBytes: number;
  /** When its last byte will have left, on the monotonic clock. */
  freeAtMs: number;
  onEmpty?: () => void;
}

/** A port of 127.0.0.1, or the path of a Unix socket. */
export type Target = number | string;

/**
 * A cable between two programs: a TCP port on loopback that forwards to whatever its far end is.
 * Cut, it behaves as a pulled plug: what is connected stays open and nothing moves, nobody is told
 * that the other end went away, and new connections fail. Mended, what both ends kept goes on with
 * the bytes that waited; the rest is reset.
 */
export class LinkProxy {
  readonly name: string;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #target: Target | undefined;
  #manner = goodManner;
  #cut = false;
  #carriedBytes = 0;

  constructor(name: string) {
    this.name = name;
    this.#server = createServer({ allowHalfOpen: false }, (near) => this.#connected(near));
    this.#server.maxConnections = highestConnections;
  }

  /** Opens the near end on a free port of 127.0.0.1 and answers it. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address === null || typeof address === 'string') {
          reject(new Error(`The link ${this.name} has no port.`));
        } else resolve(address.port);
      });
    });
  }

  /**
   * Plugs the far end into a port or a Unix socket; undefined: nobody is there, and connections
   * fail.
   */
  setTarget(target: Target | undefined): void {
    this.#target = target;
  }

  /** From now on bytes go late or slowly; undefined: as on a good cable. */
  setManner(manner: Partial<Manner> | undefined): void {
    this.#manner = { ...goodManner, ...manner };
  }

  /** Resets every connection, as a switch that restarts; new ones succeed. */
  breakAll(): void {
    if (!this.#cut) for (const pair of this.#pairs) this.#reset(pair);
  }

  /**
   * Ends one way of every connection: its far end is told that nothing more comes, and may go on
   * sending.
   */
  halfClose(): void {
    if (this.#cut) return;
    for (const { near, far } of this.#pairs) {
      near.removeAllListeners('data');
      near.resume();
      far.end();
    }
  }

  get isCut(): boolean {
    return this.#cut;
  }

  /** Bytes that went through, both ways. */
  get carriedBytes(): number {
    return this.#carriedBytes;
  }

  /** Idempotent. */
  cut(): void {
    if (this.#cut) return;
    this.#cut = true;
    for (const { near, far } of this.#pairs) {
      near.pause();
      far.pause();
    }
  }

  /** Idempotent. */
  mend(): void {
    if (!this.#cut) return;
    this.#cut = false;
    for (const pair of this.#pairs) {
      if (pair.halfGone) this.#reset(pair);
      else {
        pair.near.resume();
        pair.far.resume();
      }
    }
  }

  /** Idempotent; resets what is connected. */
  close(): Promise<void> {
    for (const pair of this.#pairs) this.#reset(pair);
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #connected(near: Socket): void {
    const target = this.#target;
    if (this.#cut || target === undefined) {
      near.resetAndDestroy();
      return;
    }
    const far =
      typeof target === 'string' ? connect(target) : connect({ host: '127.0.0.1', port: target });
    const pair = { near, far, halfGone: false };
    this.#pairs.add(pair);
    this.#forward(pair, near, far);
    this.#forward(pair, far, near);
  }

  #forward(pair: Pair, from: Socket, to: Socket): void {
    from.setNoDelay(true);
    const way: Way = { queue: [], heldBytes: 0, freeAtMs: 0 };
    from.on('data', (chunk) => {
      this.#carriedBytes += chunk.length;
      const { delayMs, bytesPerS } = this.#manner;
      if (way.heldBytes === 0 && delayMs === 0 && bytesPerS === goodManner.bytesPerS) {
        if (!to.write(chunk)) from.pause();
      } else this.#hold(way, chunk, from, to);
    });
    to.on('drain', () => {
      if (!this.#cut) from.resume();
    });
    from.on('end', () => {
      if (this.#cut) return;
      if (way.heldBytes === 0) to.end();
      else way.onEmpty = () => to.end();
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      if (this.#cut) pair.halfGone = true;
      else this.#reset(pair);
    });
  }

  #hold(way: Way, chunk: Buffer, from: Socket, to: Socket): void {
    const { delayMs, bytesPerS } = this.#manner;
    way.heldBytes += chunk.length;
    way.freeAtMs = Math.max(performance.now() + delayMs, way.freeAtMs);
    way.freeAtMs += (chunk.length / bytesPerS) * 1000;
    way.queue.push({ chunk, dueMs: way.freeAtMs });
    if (way.heldBytes > mostHeldBytes) from.pause();
    if (way.queue.length === 1) this.#awaitHead(way, from, to);
  }

  // One timer a way, for the chunk that came first: two timers may fire in either order.
  #awaitHead(way: Way, from: Socket, to: Socket): void {
    const head = way.queue[0];
    if (head === undefined) {
      way.onEmpty?.();
      return;
    }
    setTimeout(() => {
      way.queue.shift();
      way.heldBytes -= head.chunk.length;
      if (to.writable) to.write(head.chunk);
      if (way.heldBytes <= mostHeldBytes && !this.#cut && !from.destroyed) from.resume();
      this.#awaitHead(way, from, to);
    }, head.dueMs - performance.now());
  }

  #reset(pair: Pair): void {
    this.#pairs.delete(pair);
    for (const socket of [pair.near, pair.far]) {
      // A Unix socket knows no reset.
      if (socket.remoteAddress === undefined) socket.destroy();
      else if (!socket.destroyed) socket.resetAndDestroy();
    }
  }
}
