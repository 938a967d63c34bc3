import { FoyerError } from '@foyer/contracts';
import type { iot, mqtt5 } from 'aws-iot-device-sdk-v2';

import type { Clock } from '../clock.ts';
import type { TopicQos } from '../topic-client.ts';
import { within } from '../within.ts';
import type { IotSdk } from './sdk.ts';

/** PEM texts of a thing. */
export interface ThingTls {
  cert: string;
  key: string;
  /** Authorities of the other end; those of the system when absent. */
  ca?: string;
}

/** Credentials of a role, as the token exchange service gives them. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** What a connection shows: a certificate, or signed credentials in a WebSocket's handshake. */
export type Proof =
  | { kind: 'x509'; tls: ThingTls }
  | { kind: 'sigv4'; region: string; credentials: AwsCredentials; ca?: string };

export interface ConnectionOptions {
  sdk: IotSdk;
  clock: Clock;
  host: string;
  /** 8883 or, with SigV4, 443 when absent. */
  port?: number;
  clientId: string;
  proof: Proof;
  keepaliveS: number;
}

export interface ConnectionEvents {
  ready(): void;
  payload(topic: string, payload: Uint8Array): void;
  /** Once, also when it never became ready. */
  closed(reason: string): void;
}

/** One connection to IoT Core, from dialling to its end; the client makes the next one. */
export interface IotConnection {
  /** Throws FoyerError `link-down`, `identity-refused`, `queue-full` or `timeout`. */
  publish(topic: string, payload: Uint8Array): Promise<void>;
  /** Throws the same. */
  subscribe(filters: readonly string[], qos: TopicQos): Promise<void>;
  unsubscribe(filters: readonly string[]): Promise<void>;
  end(): Promise<void>;
}

const connectTimeoutMs = 10_000;
/** Until a PUBACK or SUBACK; a little less than what the caller waits for the SDK's promise. */
const ackTimeoutS = 10;
const callTimeoutMs = 12_000;
const endTimeoutMs = 2000;
/** IoT Core takes at most 8 filters in one SUBSCRIBE. */
const maxFiltersAtOnce = 8;

function builderOf({ sdk, host, proof }: ConnectionOptions): iot.AwsIotMqtt5ClientConfigBuilder {
  const { AwsIotMqtt5ClientConfigBuilder: Builder } = sdk.iot;
  if (proof.kind === 'x509') {
    const { cert, key } = proof.tls;
    return Builder.newDirectMqttBuilderWithMtlsFromMemory(host, cert, key);
  }
  const { accessKeyId, secretAccessKey, sessionToken } = proof.credentials;
  const credentialsProvider = sdk.auth.AwsCredentialsProvider.newStatic(
    accessKeyId,
    secretAccessKey,
    sessionToken,
  );
  const { region } = proof;
  return Builder.newWebsocketMqttBuilderWithSigv4Auth(host, { credentialsProvider, region });
}

function configOf(options: ConnectionOptions): mqtt5.Mqtt5ClientConfig {
  const { sdk, port, proof, clientId, keepaliveS } = options;
  const { mqtt5, io } = sdk;
  const ca = proof.kind === 'x509' ? proof.tls.ca : proof.ca;
  const builder = builderOf(options)
    .withConnectProperties({ clientId, keepAliveIntervalSeconds: keepaliveS })
    .withSessionBehavior(mqtt5.ClientSessionBehavior.Clean)
    .withOfflineQueueBehavior(mqtt5.ClientOperationQueueBehavior.FailAllOnDisconnect)
    .withConnackTimeoutMs(connectTimeoutMs)
    .withAckTimeoutSeconds(ackTimeoutS)
    .withPingTimeoutMs((keepaliveS * 1000) / 2)
    .withSocketOptions(
      new io.SocketOptions(io.SocketType.STREAM, io.SocketDomain.IPV4, connectTimeoutMs),
    );
  if (ca !== undefined) builder.withCertificateAuthority(ca);
  if (port !== undefined) builder.withPort(port);
  return builder.build();
}

/** MQTT 5 reason codes from 0x80 are failures; 0x87 is "not authorized", 0x97 a quota. */
function judge(what: string, reasonCode: number): void {
  if (reasonCode < 0x80) return;
  const code =
    reasonCode === 0x87 ? 'identity-refused' : reasonCode === 0x97 ? 'queue-full' : 'link-down';
  throw new FoyerError(code, `IoT Core refuses ${what}: reason code ${reasonCode}.`, {
    ...(reasonCode === 0x87 ? { whatToDo: 'Compare with the IoT policy of this thing.' } : {}),
  });
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class SdkConnection implements IotConnection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #client: mqtt5.Mqtt5Client;
  readonly #stopped: Promise<void>;
  /** Ends of calls that wait: the SDK leaves some of them open when a client is closed. */
  readonly #waiting = new Set<() => void>();
  #over = false;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    const client = new options.sdk.mqtt5.Mqtt5Client(configOf(options));
    this.#client = client;
    this.#stopped = new Promise((resolve) => client.on('stopped', () => resolve()));
    client.on('connectionSuccess', () => {
      if (!this.#over) events.ready();
    });
    client.on('connectionFailure', ({ error, connack }) => {
      const code = connack === undefined ? '' : ` (reason code ${connack.reasonCode})`;
      this.#finish(`${error.error_name}${code}`);
    });
    client.on('disconnection', ({ error, disconnect }) => {
      const code = disconnect === undefined ? '' : ` (reason code ${disconnect.reasonCode})`;
      this.#finish(`${error.error_name}${code}`);
    });
    client.on('error', (error) => this.#finish(error.error_name ?? 'internal error'));
    client.on('messageReceived', ({ message }) => {
      if (!this.#over) events.payload(message.topicName, bytesOf(message.payload));
    });
    client.start();
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    const qos = this.#options.sdk.mqtt5.QoS.AtLeastOnce;
    const answer = await this.#call(
      'publish',
      this.#client.publish({ topicName: topic, qos, payload }),
    );
    judge(`a publish to ${topic}`, answer?.reasonCode ?? 0);
  }

  async subscribe(filters: readonly string[], qos: TopicQos): Promise<void> {
    for (let at = 0; at < filters.length; at += maxFiltersAtOnce) {
      const some = filters.slice(at, at + maxFiltersAtOnce);
      const subscriptions = some.map((topicFilter) => ({ topicFilter, qos }));
      const { reasonCodes } = await this.#call(
        'subscribe',
        this.#client.subscribe({ subscriptions }),
      );
      some.forEach((filter, n) => judge(`a subscription to ${filter}`, reasonCodes[n] ?? 0));
    }
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    const topicFilters = [...filters];
    await this.#call('unsubscribe', this.#client.unsubscribe({ topicFilters }));
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#stop();
  }

  async #call<T>(what: string, call: Promise<T>): Promise<T> {
    try {
      const ended = this.#untilEnd(call);
      return await within(this.#options.clock, `iot-core-${what}`, callTimeoutMs, ended);
    } catch (cause) {
      if (cause instanceof FoyerError) throw cause;
      throw new FoyerError('link-down', `IoT Core: ${what} failed: ${textOf(cause)}`, { cause });
    }
  }

  #untilEnd<T>(call: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (): void => reject(new FoyerError('link-down', 'The connection has ended.'));
      if (this.#over) end();
      this.#waiting.add(end);
      call.then(resolve, reject).finally(() => this.#waiting.delete(end));
    });
  }

  #finish(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    void this.#stop();
    this.#events.closed(reason);
  }

  // The SDK would dial again by itself, with the certificate of before.
  async #stop(): Promise<void> {
    for (const end of this.#waiting) end();
    this.#waiting.clear();
    this.#client.stop();
    await within(this.#options.clock, 'iot-core-stop', endTimeoutMs, this.#stopped).catch(() => {});
    this.#client.close();
  }
}

function bytesOf(payload: mqtt5.Payload | undefined): Uint8Array {
  if (payload === undefined) return new Uint8Array();
  // An empty payload comes as a buffer that is detached.
  if (payload instanceof ArrayBuffer) {
    return payload.byteLength === 0 ? new Uint8Array() : new Uint8Array(payload);
  }
  if (ArrayBuffer.isView(payload)) {
    return new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
  }
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
}

/**
 * Dials once, with a clean session: nothing is kept for a next connection. A certificate or
 * credentials that the SDK cannot use end it at once.
 */
export function openConnection(
  options: ConnectionOptions,
  events: ConnectionEvents,
): IotConnection {
  return new SdkConnection(options, events);
}
