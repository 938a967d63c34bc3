import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

const windowMs = 1000;

/** What went over a metered connection. */
export interface WireCounts {
  /** Both ways, as TCP carries it. */
  bytes: number;
  /** When the first connection came, by performance.now(); null: none yet. */
  firstMs: number | null;
  /** The most bytes and MQTT publishes, both ways, within any second. */
  mostBytesPerS: number;
  mostPublishesPerS: number;
}

/** The largest sum that any window of a second held. */
class Busiest {
  readonly #recent: { atMs: number; amount: number }[] = [];
  #sum = 0;
  most = 0;

  add(amount: number): void {
    const atMs = performance.now();
    this.#recent.push({ atMs, amount });
    this.#sum += amount;
    for (let first = this.#recent[0]; first !== undefined; first = this.#recent[0]) {
      if (atMs - first.atMs < windowMs) break;
      this.#sum -= first.amount;
      this.#recent.shift();
    }
    this.most = Math.max(this.most, this.#sum);
  }
}

/** Counts PUBLISH packets in one direction of an MQTT connection. */
class PublishCounter {
  #left = 0;
  #type = 0;
  #length = 0;
  #shift = 0;
  #inLength = false;

  /** @returns how many began in this part of the stream. */
  count(bytes: Buffer): number {
    let publishes = 0;
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      const byte = bytes[at] ?? 0;
      at += 1;
      if (!this.#inLength) {
        this.#type = byte >> 4;
        this.#length = 0;
        this.#shift = 0;
        this.#inLength = true;
        if (this.#type === 3) publishes += 1;
        continue;
      }
      this.#length += (byte & 0x7f) * 2 ** this.#shift;
      this.#shift += 7;
      if (byte < 0x80) {
        this.#inLength = false;
        this.#left = this.#length;
      }
    }
    return publishes;
  }
}

/** A port that forwards to another and counts what passes. */
export class WireMeter {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #bytesPerS = new Busiest();
  readonly #publishesPerS = new Busiest();
  #bytes = 0;
  #firstMs: number | null = null;

  constructor(targetPort: number) {
    this.#server = createServer((near) => this.#connected(near, targetPort));
  }

  /** @returns the port of 127.0.0.1 that it listens on. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  get counts(): WireCounts {
    return {
      bytes: this.#bytes,
      firstMs: this.#firstMs,
      mostBytesPerS: this.#bytesPerS.most,
      mostPublishesPerS: this.#publishesPerS.most,
    };
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #connected(near: Socket, targetPort: number): void {
    this.#firstMs ??= performance.now();
    const far = connect({ host: '127.0.0.1', port: targetPort });
    this.#forward(near, far);
    this.#forward(far, near);
  }

  #forward(from: Socket, to: Socket): void {
    const publishes = new PublishCounter();
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (bytes: Buffer) => {
      this.#bytes += bytes.length;
      this.#bytesPerS.add(bytes.length);
      const count = publishes.count(bytes);
      if (count > 0) this.#publishesPerS.add(count);
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('error', () => from.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
