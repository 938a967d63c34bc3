import type { Logger } from '@foyer/platform';
import { topicMatches } from '@foyer/platform';
import mqtt, { type MqttClient } from 'mqtt';
import { z } from 'zod';

import type { NucleusBehaviour } from '../behaviour.ts';
import { IpcRefusal, type IpcOperation, type ServerStream } from '../ipc-server.ts';

export interface MqttProxyOptions {
  /** The broker that stands in for IoT Core. */
  brokerUrl: string;
  thingName: string;
  behaviour: NucleusBehaviour;
  /** Throws IpcRefusal where the component's configuration does not allow it. */
  authorise: (component: string, operation: string, topic: string) => void;
  logger: Logger;
}

interface Subscription {
  filter: string;
  stream: ServerStream;
}

const publishSchema = z.looseObject({
  topicName: z.string().min(1),
  payload: z.base64().default(''),
});
const subscribeSchema = z.looseObject({ topicName: z.string().min(1) });
/** A topic and its header, beside a packet's payload. */
const packetOverheadBytes = 9;

/** The one connection to IoT Core of all components, and its operations. */
export class MqttProxy {
  readonly #options: MqttProxyOptions;
  readonly #client: MqttClient;
  #subscriptions: Subscription[] = [];
  #unacknowledged = { count: 0, bytes: 0 };
  #spooledBytes = 0;

  constructor(options: MqttProxyOptions) {
    this.#options = options;
    this.#client = mqtt.connect(options.brokerUrl, {
      clientId: options.thingName,
      clean: true,
      reconnectPeriod: 500,
      keepalive: 5,
      resubscribe: true,
      queueQoSZero: false,
    });
    this.#client.on('error', () => undefined);
    this.#client.on('message', (topic, payload) => this.#deliver(topic, payload));
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  operations(): [string, IpcOperation][] {
    return [
      [
        'PublishToIoTCore',
        { handle: ({ component, request }) => this.#publish(component, request) },
      ],
      [
        'SubscribeToIoTCore',
        {
          streams: true,
          handle: async ({ component, request, stream }) =>
            this.#subscribe(component, request, stream),
        },
      ],
    ];
  }

  /** The daemon restarted: it knows of no subscription any more, and tells nobody. */
  forget(): void {
    this.#subscriptions = [];
  }

  async close(): Promise<void> {
    this.forget();
    await this.#client.endAsync(true);
  }

  #publish(component: string, request: unknown): object {
    const { behaviour } = this.#options;
    const { topicName, payload } = publishSchema.parse(request);
    this.#options.authorise(component, 'PublishToIoTCore', topicName);
    const bytes = Buffer.from(payload, 'base64');
    const sizeBytes = bytes.byteLength + topicName.length + packetOverheadBytes;
    if (bytes.byteLength > 128 * 1024) {
      throw new IpcRefusal('InvalidArgumentsError', `${bytes.byteLength} bytes are over 128 KB.`);
    }
    if (this.#client.connected) this.#take(sizeBytes);
    else this.#spool(sizeBytes, behaviour.spoolBytes);
    const spooled = !this.#client.connected;
    this.#client.publish(topicName, bytes, { qos: 1 }, () => {
      if (spooled) this.#spooledBytes -= sizeBytes;
      else {
        this.#unacknowledged.count -= 1;
        this.#unacknowledged.bytes -= sizeBytes;
      }
    });
    // It was sent. That it arrived nobody says.
    return {};
  }

  #take(sizeBytes: number): void {
    const { maxUnacknowledged, maxUnacknowledgedBytes } = this.#options.behaviour;
    const { count, bytes } = this.#unacknowledged;
    if (count >= maxUnacknowledged || bytes + sizeBytes > maxUnacknowledgedBytes) {
      throw new IpcRefusal('ServiceError', 'Too much is unacknowledged.');
    }
    this.#unacknowledged = { count: count + 1, bytes: bytes + sizeBytes };
  }

  #spool(sizeBytes: number, spoolBytes: number): void {
    if (this.#spooledBytes + sizeBytes > spoolBytes) {
      throw new IpcRefusal('ServiceError', 'IoT Core is not connected.');
    }
    this.#spooledBytes += sizeBytes;
  }

  async #subscribe(component: string, request: unknown, stream: ServerStream): Promise<object> {
    const { topicName: filter } = subscribeSchema.parse(request);
    this.#options.authorise(component, 'SubscribeToIoTCore', filter);
    if (!this.#client.connected) {
      throw new IpcRefusal('ServiceError', 'IoT Core is not connected.');
    }
    const subscription = { filter, stream };
    this.#subscriptions.push(subscription);
    stream.onEnd(() => this.#drop(subscription));
    await this.#client.subscribeAsync(filter, { qos: 1 });
    return {};
  }

  #drop(subscription: Subscription): void {
    this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
    const wanted = this.#subscriptions.some(({ filter }) => filter === subscription.filter);
    if (!wanted && this.#client.connected) {
      this.#client.unsubscribe(subscription.filter, () => undefined);
    }
  }

  #deliver(topicName: string, payload: Buffer): void {
    const { behaviour, logger } = this.#options;
    const sizeBytes = payload.byteLength + topicName.length + packetOverheadBytes;
    if (sizeBytes > behaviour.maxPacketFromCloudBytes) {
      logger.debug('packet-dropped', { topicName, sizeBytes });
      return;
    }
    const message = { topicName, payload: payload.toString('base64') };
    for (const { filter, stream } of this.#subscriptions) {
      if (topicMatches(filter, topicName)) stream.send('IoTCoreMessage', { message });
    }
  }
}
