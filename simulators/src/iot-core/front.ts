import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { PerSecond } from '@foyer/platform';
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';

import { allows, type Asking, type IotAction, type Principal } from './policy.ts';

/** What happened at the front so far. */
export interface FrontCounts {
  /** Publishes beyond the rate, dropped without a word. */
  discarded: number;
  /** Connections, publishes and subscriptions that a policy forbade. */
  refused: number;
  /** Connections ended for what IoT Core does not take: too large, too many levels. */
  ended: number;
  /** Publishes and their bytes, both ways. */
  publishes: number;
  bytes: number;
}

/** "AWS IoT Core message broker and protocol limits and quotas", AWS General Reference. */
const publishesPerS = 100;
const bytesPerS = 512 * 1024;
const maxPayloadBytes = 128 * 1024;
const maxSlashes = 7;
const maxReservedSlashes = 10;
const maxFilters = 8;

const notAuthorised = 0x87;
const packetTooLarge = 0x95;
const topicInvalid = 0x90;

export interface FrontOptions {
  /** The broker behind, on loopback, without TLS. */
  brokerPort: number;
  principal: Principal;
  counts: FrontCounts;
  nowMs: () => number;
}

/** A rate that delays what exceeds it. */
class Throttle {
  readonly #perMs: number;
  readonly #nowMs: () => number;
  #freeAtMs = 0;

  constructor(perS: number, nowMs: () => number) {
    this.#perMs = perS / 1000;
    this.#nowMs = nowMs;
  }

  /** Milliseconds until the next may pass, with this one counted. */
  take(sizeBytes: number): number {
    const nowMs = this.#nowMs();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + sizeBytes / this.#perMs;
    return this.#freeAtMs - nowMs;
  }
}

function slashesAllowed(topic: string): boolean {
  const slashes = topic.split('/').length - 1;
  return slashes <= (topic.startsWith('$') ? maxReservedSlashes : maxSlashes);
}

/** One client's connection: what IoT Core's front does to the packets between it and the broker. */
class Front {
  readonly #client: Duplex;
  readonly #broker: Socket;
  readonly #options: FrontOptions;
  readonly #rate = new PerSecond(publishesPerS);
  readonly #throttle: Throttle;
  #asking: Asking | null = null;
  #version = 5;
  /** Positions of refused filters in the SUBACK of a packet. */
  readonly #denied = new Map<number, readonly boolean[]>();

  constructor(client: Duplex, options: FrontOptions) {
    this.#client = client;
    this.#options = options;
    this.#throttle = new Throttle(bytesPerS, options.nowMs);
    this.#broker = connectTcp({ port: options.brokerPort, host: '127.0.0.1', noDelay: true });
    const up = parser({ protocolVersion: 5 });
    up.on('packet', (packet) => this.#fromClient(packet));
    up.on('error', () => this.#end());
    client.on('data', (data: Buffer) => up.parse(data));
    for (const end of [client, this.#broker]) {
      end.on('error', () => this.#end());
      end.on('close', () => this.#end());
    }
  }

  #end(): void {
    this.#client.destroy();
    this.#broker.destroy();
  }

  #toClient(packet: Packet): void {
    if (this.#client.writable) {
      this.#client.write(generate(packet, { protocolVersion: this.#version }));
    }
  }

  #toBroker(packet: Packet): void {
    if (this.#broker.writable) {
      this.#broker.write(generate(packet, { protocolVersion: this.#version }));
    }
  }

  #mayDo(action: IotAction, name: string): boolean {
    const allowed = this.#asking !== null && allows(this.#asking, action, name);
    if (!allowed) this.#options.counts.refused += 1;
    return allowed;
  }

  #disconnect(reasonCode: number): void {
    if (reasonCode !== notAuthorised) this.#options.counts.ended += 1;
    if (this.#version === 5) this.#toClient({ cmd: 'disconnect', reasonCode });
    this.#end();
  }

  #fromClient(packet: Packet): void {
    switch (packet.cmd) {
      case 'connect':
        this.#connect(packet);
        break;
      case 'publish':
        this.#publishFromClient(packet);
        break;
      case 'subscribe': {
        const denied = packet.subscriptions.map(
          ({ topic }) => !slashesAllowed(topic) || !this.#mayDo('iot:Subscribe', topic),
        );
        if (packet.subscriptions.length > maxFilters) this.#disconnect(topicInvalid);
        else if (denied.every(Boolean)) this.#answerSuback(packet.messageId ?? 0, denied);
        else {
          this.#denied.set(packet.messageId ?? 0, denied);
          const subscriptions = packet.subscriptions.filter((_one, n) => denied[n] !== true);
          this.#toBroker({ ...packet, subscriptions });
        }
        break;
      }
      default:
        this.#toBroker(packet);
    }
  }

  #connect(packet: IConnectPacket): void {
    this.#version = packet.protocolVersion ?? 4;
    this.#asking = { principal: this.#options.principal, clientId: packet.clientId };
    const down = parser({ protocolVersion: this.#version });
    down.on('packet', (answer) => this.#fromBroker(answer));
    down.on('error', () => this.#end());
    this.#broker.on('data', (data: Buffer) => down.parse(data));
    if (this.#mayDo('iot:Connect', packet.clientId)) {
      this.#toBroker(packet);
      return;
    }
    const refused = this.#version === 5 ? { reasonCode: notAuthorised } : { returnCode: 5 };
    this.#toClient({ cmd: 'connack', sessionPresent: false, ...refused });
    setImmediate(() => this.#end());
  }

  #publishFromClient(packet: Packet & { cmd: 'publish' }): void {
    const { topic, payload } = packet;
    const sizeBytes = payload.length;
    if (sizeBytes > maxPayloadBytes) this.#disconnect(packetTooLarge);
    else if (!slashesAllowed(topic)) this.#disconnect(topicInvalid);
    else if (!this.#mayDo('iot:Publish', topic)) this.#disconnect(notAuthorised);
    else if (this.#pass(sizeBytes)) {
      this.#toBroker(packet);
      this.#slow(this.#client, sizeBytes);
    }
  }

  #fromBroker(packet: Packet): void {
    if (packet.cmd === 'suback') {
      const denied = this.#denied.get(packet.messageId ?? 0);
      this.#denied.delete(packet.messageId ?? 0);
      this.#answerSuback(packet.messageId ?? 0, denied ?? [], packet.granted as number[]);
      return;
    }
    if (packet.cmd !== 'publish') {
      this.#toClient(packet);
      return;
    }
    const sizeBytes = packet.payload.length;
    if (!this.#mayDo('iot:Receive', packet.topic) || !this.#pass(sizeBytes)) {
      // It is gone for this client; the broker's window must not fill up with it.
      const { messageId } = packet;
      if (packet.qos === 1) this.#toBroker({ cmd: 'puback', reasonCode: 0, messageId });
      return;
    }
    this.#toClient(packet);
    this.#slow(this.#broker, sizeBytes);
  }

  #pass(sizeBytes: number): boolean {
    const { counts, nowMs } = this.#options;
    if (!this.#rate.take(nowMs())) {
      counts.discarded += 1;
      return false;
    }
    counts.publishes += 1;
    counts.bytes += sizeBytes;
    return true;
  }

  /** What is beyond the throughput is processed later. */
  #slow(from: Duplex, sizeBytes: number): void {
    const waitMs = this.#throttle.take(sizeBytes);
    if (waitMs < 1000 / 8) return;
    from.pause();
    setTimeout(() => from.resume(), waitMs - 1000 / 8).unref();
  }

  #answerSuback(messageId: number, denied: readonly boolean[], granted: number[] = []): void {
    const left = [...granted];
    const refusal = this.#version === 5 ? notAuthorised : 128;
    const codes = denied.length === 0 ? granted : denied.map((no) => (no ? refusal : left.shift()));
    this.#toClient({ cmd: 'suback', messageId, granted: codes.map((code) => code ?? refusal) });
  }
}

/** Serves one client as the front of IoT Core does. */
export function serveFront(client: Duplex, options: FrontOptions): void {
  new Front(client, options);
}
