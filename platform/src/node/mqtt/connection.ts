import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import mqtt, { type IClientOptions } from 'mqtt';

/** PEM texts of a client that the broker knows by its certificate. */
export interface MqttTls {
  ca?: string;
  cert?: string;
  key?: string;
  /** The name in the broker's certificate, where it is not the host of the URL. */
  servername?: string;
}

export interface ConnectionOptions {
  /** `mqtt://host[:1883]` or `mqtts://host[:8883]`, with a user and password where needed. */
  url: string;
  clientId: string;
  subscriptions: readonly string[];
  tls?: MqttTls;
  keepaliveS: number;
  connectTimeoutMs: number;
}

export interface ConnectionEvents {
  ready(): void;
  payload(topic: string, payload: Buffer): void;
  /** Once, also when it never became ready. */
  closed(reason: string): void;
}

/** One connection to a broker, from dialling to its end; a link makes the next one. */
export interface Connection {
  /** Hands a payload over; `confirmed` is called at the broker's PUBACK. */
  publish(topic: string, payload: Uint8Array, confirmed: () => void): void;
  /** Bytes that the operating system has not taken yet. */
  bufferedBytes(): number;
  end(): Promise<void>;
}

// mqtt.js leaves Nagle's algorithm on: a round trip then costs 45 ms instead of under 1 ms.
function openSocket(options: ConnectionOptions): Socket {
  const { protocol, hostname, port } = new URL(options.url);
  const secure = protocol === 'mqtts:' || protocol === 'ssl:' || protocol === 'tls:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = { host, port: Number(port) || (secure ? 8883 : 1883) };
  if (!secure) return connectTcp({ ...at, noDelay: true });
  const socket = connectTls({
    ...at,
    ...options.tls,
    servername: options.tls?.servername ?? (/^[\d.:]+$/.test(host) ? undefined : host),
    rejectUnauthorized: true,
  });
  socket.setNoDelay(true);
  return socket;
}

function clientOptions(options: ConnectionOptions): IClientOptions {
  const { username, password } = new URL(options.url);
  return {
    clientId: options.clientId,
    clean: true,
    reconnectPeriod: 0,
    protocolId: 'MQTT',
    protocolVersion: 4,
    keepalive: options.keepaliveS,
    connectTimeout: options.connectTimeoutMs,
    resubscribe: false,
    queueQoSZero: false,
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}

/** Dials once. Nothing is kept for a next connection: no session, no queue. */
export function openConnection(options: ConnectionOptions, events: ConnectionEvents): Connection {
  let socket: Socket | undefined;
  let over = false;
  let reason = 'closed';
  const client = new mqtt.MqttClient(() => {
    socket = openSocket(options);
    return socket;
  }, clientOptions(options));
  const finish = (): void => {
    if (over) return;
    over = true;
    client.end(true);
    socket?.destroy();
    events.closed(reason);
  };
  socket?.on('error', (error) => {
    reason = error.message;
  });
  client.on('error', (error) => {
    reason = error.message;
    finish();
  });
  client.on('close', finish);
  client.on('message', (topic, payload) => {
    if (!over) events.payload(topic, payload);
  });
  client.once('connect', () => {
    client.subscribe([...options.subscriptions], { qos: 1 }, (error, granted) => {
      const refused = granted?.find((grant) => grant.qos === 128);
      if (error === null && refused === undefined) {
        if (!over) events.ready();
        return;
      }
      reason = `subscription refused: ${refused?.topic ?? error?.message ?? ''}`;
      finish();
    });
  });
  return {
    publish(topic, payload, confirmed) {
      client.publish(topic, asBuffer(payload), { qos: 1 }, (error) => {
        if (error === undefined || error === null) confirmed();
      });
    },
    bufferedBytes: () => socket?.writableLength ?? 0,
    async end() {
      over = true;
      await new Promise<void>((resolve) => {
        // An orderly DISCONNECT needs the broker; without an answer the socket is cut.
        const timer = setTimeout(() => {
          client.end(true, () => resolve());
          socket?.destroy();
        }, 500);
        client.end(!client.connected, () => {
          clearTimeout(timer);
          socket?.destroy();
          resolve();
        });
      });
    },
  };
}

function asBuffer(payload: Uint8Array): Buffer {
  return Buffer.isBuffer(payload)
    ? payload
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}
