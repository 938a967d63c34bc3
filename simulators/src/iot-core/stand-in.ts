import { X509Certificate } from 'node:crypto';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTls, type TLSSocket } from 'node:tls';

import { startMosquitto } from '@foyer/platform/testing';
import mqtt from 'mqtt';
import { createWebSocketStream, WebSocketServer } from 'ws';

import { serveFront, type FrontCounts } from './front.ts';
import { JobService } from './job-service.ts';
import type { Principal } from './policy.ts';
import { ShadowService } from './shadow-service.ts';
import { isSignedBy, type KnownCredentials } from './sigv4.ts';

export interface IotCoreOptions {
  /** PEM texts: the endpoint's certificate, and the authority of things. */
  tls: { ca: string; cert: string; key: string };
  /** Who may connect with which certificate (PEM). */
  certificates: readonly (Principal & { certificate: string })[];
  /** Who may connect with which credentials, signed in a WebSocket's handshake. */
  credentials?: readonly (Principal & KnownCredentials)[];
}

/** A stand-in for AWS IoT Core on loopback. */
export interface IotCore {
  readonly host: 'localhost';
  /** Mutual TLS. */
  readonly port: number;
  /** WebSocket with signed credentials. */
  readonly webSocketPort: number;
  /** A broker's client without TLS and policies: the cloud of a test. */
  readonly backdoorUrl: string;
  readonly shadows: ShadowService;
  readonly jobs: JobService;
  readonly counts: FrontCounts;
  /** Every connection breaks and none can be made, until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  stop(): Promise<void>;
}

const reserved = /^\$aws\/things\/([^/]+)\/(shadow|jobs)\/(.+)$/;
const answers = /\/(accepted|rejected|delta|documents|notify|notify-next)$/;

/** Mosquitto behind a front that holds connections to IoT's policies and quotas. */
class StandIn {
  readonly counts: FrontCounts = { discarded: 0, refused: 0, ended: 0, publishes: 0, bytes: 0 };
  readonly #clients = new Set<Duplex>();
  readonly #byFingerprint: ReadonlyMap<string, Principal>;
  readonly #brokerPort: number;
  #isCut = false;

  constructor(options: IotCoreOptions, brokerPort: number) {
    this.#brokerPort = brokerPort;
    this.#byFingerprint = new Map(
      options.certificates.map((one) => [new X509Certificate(one.certificate).fingerprint256, one]),
    );
  }

  acceptTls(socket: TLSSocket): void {
    const { fingerprint256 } = socket.getPeerCertificate();
    const principal = this.#byFingerprint.get(fingerprint256);
    socket.setNoDelay(true);
    if (principal === undefined) socket.destroy();
    else this.accept(socket, principal);
  }

  accept(client: Duplex, principal: Principal): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    this.#clients.add(client);
    client.once('close', () => this.#clients.delete(client));
    serveFront(client, {
      brokerPort: this.#brokerPort,
      principal,
      counts: this.counts,
      nowMs: () => performance.now(),
    });
  }

  setCut(cut: boolean): void {
    this.#isCut = cut;
    if (cut) for (const client of this.#clients) client.destroy();
  }
}

async function listen(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): AddressInfo | string | null;
}): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}

function serveWebSockets(options: IotCoreOptions, standIn: StandIn) {
  const { cert, key } = options.tls;
  const server = createHttps({ cert, key });
  const handshakes = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
  });
  server.on('upgrade', (request, socket, head) => {
    const { headers } = request;
    const url = new URL(request.url ?? '/', 'wss://localhost');
    const principal = options.credentials?.find((known) => isSignedBy(url, headers, known));
    if (url.pathname !== '/mqtt' || principal === undefined) {
      standIn.counts.refused += 1;
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      return;
    }
    handshakes.handleUpgrade(request, socket, head, (webSocket) => {
      standIn.accept(createWebSocketStream(webSocket), principal);
    });
  });
  return server;
}

/** Starts Mosquitto and the front; needs Mosquitto, as the tests of links do. */
export async function startIotCore(options: IotCoreOptions): Promise<IotCore> {
  const broker = await startMosquitto({ config: ['max_inflight_messages 100'] });
  const standIn = new StandIn(options, Number(new URL(broker.url).port));
  const { ca, cert, key } = options.tls;
  const tlsOptions = { ca, cert, key, requestCert: true, rejectUnauthorized: true };
  const tlsServer = createTls(tlsOptions, (socket) => standIn.acceptTls(socket));
  tlsServer.on('tlsClientError', () => {});
  const webSockets = serveWebSockets(options, standIn);
  const services = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
  const say = (topic: string, message: object): void => {
    services.publish(topic, JSON.stringify(message), { qos: 1 });
  };
  const nowS = (): number => Math.floor(Date.now() / 1000);
  const shadows = new ShadowService(say, nowS);
  const jobs = new JobService(say, nowS);
  services.on('message', (topic, payload) => {
    const [, thing = '', kind, path = ''] = reserved.exec(topic) ?? [];
    if (answers.test(topic) || thing === '') return;
    if (kind === 'shadow') shadows.hear(thing, path, payload);
    if (kind === 'jobs') jobs.hear(thing, path, payload);
  });
  await services.subscribeAsync(['$aws/things/+/shadow/#', '$aws/things/+/jobs/#'], { qos: 1 });
  return {
    host: 'localhost',
    port: await listen(tlsServer),
    webSocketPort: await listen(webSockets),
    backdoorUrl: broker.url,
    shadows,
    jobs,
    counts: standIn.counts,
    cut: () => Promise.resolve(standIn.setCut(true)),
    mend: () => Promise.resolve(standIn.setCut(false)),
    async stop() {
      standIn.setCut(true);
      await services.endAsync(true);
      for (const server of [tlsServer, webSockets]) {
        await new Promise<void>((resolve) => server.close(() => resolve()));
      }
      await broker.stop();
    },
  };
}
