import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

const highestConnections = 256;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** One end is gone, but the other was not told: the cable was pulled by then. */
  halfGone: boolean;
}

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
  #targetPort: number | undefined;
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

  /** Plugs the far end into a port; undefined: nobody is there, and connections fail. */
  setTarget(port: number | undefined): void {
    this.#targetPort = port;
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
    if (this.#cut || this.#targetPort === undefined) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: this.#targetPort });
    const pair = { near, far, halfGone: false };
    this.#pairs.add(pair);
    this.#forward(pair, near, far);
    this.#forward(pair, far, near);
  }

  #forward(pair: Pair, from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      this.#carriedBytes += chunk.length;
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (!this.#cut) from.resume();
    });
    from.on('end', () => {
      if (!this.#cut) to.end();
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      if (this.#cut) pair.halfGone = true;
      else this.#reset(pair);
    });
  }

  #reset(pair: Pair): void {
    this.#pairs.delete(pair);
    for (const socket of [pair.near, pair.far]) {
      if (!socket.destroyed) socket.resetAndDestroy();
    }
  }
}
