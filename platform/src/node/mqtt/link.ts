import {
  allUpFilter,
  downTopic,
  everyNode,
  nodeIdSchema,
  parseTopic,
  theatreNoSchema,
  upTopic,
  type NodeId,
  type TheatreNo,
} from '@foyer/contracts';

import { backoffMs, lanBackoff, wanBackoff, type Backoff } from '../../backoff.ts';
import type { Clock, Timer } from '../../clock.ts';
import { mosquittoLimits } from '../../limits.ts';
import { isLoopbackHost } from '../../loopback.ts';
import { cloudPeer, type Link, type LinkLimits } from '../../link.ts';
import type { Logger } from '../../logger.ts';
import type { Random } from '../../random.ts';
import { nodeClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { nodeRandom } from '../random.ts';
import { renewable, type RenewableTls } from '../tls-files.ts';
import { openConnection, type Connection, type MqttTls } from './connection.ts';
import { HeardPeers } from './heard-peers.ts';

export interface MqttSettings {
  /** `mqtt://host[:1883]` or `mqtts://host[:8883]`. */
  url: string;
  /** Texts, or files: those are read again at each connection when they were replaced. */
  tls?: MqttTls | RenewableTls<MqttTls>;
  limits?: LinkLimits;
  /** Stable for a node or worker: the broker ends an older connection of the same name. */
  clientId?: string;
  /** Between tries to reconnect: up to 1 s to a broker on this machine, else up to 30 s. */
  backoff?: Backoff;
  /** 20 when absent; a silent broker is given up after one and a half of it. */
  keepaliveS?: number;
  /** Bytes that may wait in this process; 4 MiB when absent. */
  maxBufferedBytes?: number;
  /** Payloads on topics that name no node; they are counted in any case. */
  onStray?: (topic: string, payload: Uint8Array) => void;
  logger?: Logger;
  clock?: Clock;
  random?: Random;
}

export interface MqttNodeOptions extends MqttSettings {
  theatreNo: TheatreNo;
  nodeId: NodeId;
}

export interface MqttCloudOptions extends MqttSettings {
  /** Several workers divide the nodes' messages among themselves; aedes cannot. */
  sharedSubscription: boolean;
  /** A node that was not heard for so long is no peer any more; 120,000 when absent. */
  peerHeardMs?: number;
}

export interface MqttLink extends Link {
  /** Connected to the broker and subscribed. */
  readonly connected: boolean;
  /** Payloads so far on topics that name no node. */
  readonly strays: number;
}

/** What differs between the two ends. */
interface End {
  clientId: string;
  subscriptions: readonly string[];
  topicOf(peer: string): string | null;
  peerOf(topic: string): string | null;
  /** A peer spoke. */
  heard(peer: string): void;
  peers(): readonly string[];
  connected(): void;
  disconnected(): void;
  close(): void;
}

const defaultMaxBufferedBytes = 4 * 1_048_576;
const connectTimeoutMs = 10_000;

class BrokerLink implements MqttLink {
  readonly limits: LinkLimits;
  readonly #settings: MqttSettings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #backoff: Backoff;
  readonly #end: End;
  readonly #tls: RenewableTls<MqttTls> | null;
  #connection: Connection | null = null;
  #ready = false;
  #unconfirmed = 0;
  #failures = 0;
  #strays = 0;
  #retry: Timer | null = null;
  #closed = false;
  #onPayload: (peer: string, payload: Uint8Array) => void = () => {};
  #onPeer: (peer: string, connected: boolean) => void = () => {};

  constructor(settings: MqttSettings, makeEnd: (link: BrokerLink) => End) {
    this.#settings = settings;
    this.limits = settings.limits ?? mosquittoLimits;
    this.#clock = settings.clock ?? nodeClock();
    this.#random = settings.random ?? nodeRandom();
    this.#logger = settings.logger ?? silentLogger();
    this.#backoff = settings.backoff ?? (isNear(settings.url) ? lanBackoff : wanBackoff);
    this.#end = makeEnd(this);
    this.#tls = settings.tls === undefined ? null : renewable(settings.tls);
    this.#dial();
  }

  get clock(): Clock {
    return this.#clock;
  }

  get connected(): boolean {
    return this.#ready;
  }

  get strays(): number {
    return this.#strays;
  }

  peers(): readonly string[] {
    return this.#ready ? this.#end.peers() : [];
  }

  send(peer: string, payload: Uint8Array): boolean {
    const connection = this.#connection;
    if (!this.#ready || connection === null) return false;
    if (payload.byteLength > this.limits.maxPayloadBytes) return false;
    if (this.#unconfirmed >= this.limits.maxInFlight) return false;
    const maxBuffered = this.#settings.maxBufferedBytes ?? defaultMaxBufferedBytes;
    if (connection.bufferedBytes() + payload.byteLength > maxBuffered) return false;
    const topic = this.#end.topicOf(peer);
    if (topic === null) return false;
    this.#unconfirmed += 1;
    connection.publish(topic, payload, () => {
      if (this.#connection === connection) this.#unconfirmed -= 1;
    });
    return true;
  }

  onPayload(listener: (peer: string, payload: Uint8Array) => void): void {
    this.#onPayload = listener;
  }

  onPeer(listener: (peer: string, connected: boolean) => void): void {
    this.#onPeer = listener;
    for (const peer of this.peers()) listener(peer, true);
  }

  /** Tells the listener; for this link's end. */
  peerChanged(peer: string, connected: boolean): void {
    this.#onPeer(peer, connected);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#retry?.cancel();
    this.#ready = false;
    this.#end.close();
    const connection = this.#connection;
    this.#connection = null;
    await connection?.end();
  }

  #dial(): void {
    const { url, keepaliveS = 20 } = this.#settings;
    const { clientId, subscriptions } = this.#end;
    this.#tls?.renew();
    const tls = this.#tls?.current();
    this.#unconfirmed = 0;
    this.#connection = openConnection(
      { url, tls, keepaliveS, connectTimeoutMs, clientId, subscriptions },
      {
        ready: () => this.#becomeReady(),
        payload: (topic, payload) => this.#receive(topic, payload),
        closed: (reason) => this.#lose(reason),
      },
    );
  }

  #becomeReady(): void {
    this.#failures = 0;
    this.#ready = true;
    this.#logger.info('broker-connected', { clientId: this.#end.clientId });
    this.#end.connected();
  }

  #lose(reason: string): void {
    if (this.#closed) return;
    const wasReady = this.#ready;
    this.#ready = false;
    this.#connection = null;
    this.#failures += 1;
    const delayMs = backoffMs(this.#failures, this.#backoff, this.#random);
    this.#logger.warn('broker-lost', { reason, wasReady, retryMs: delayMs });
    if (wasReady) this.#end.disconnected();
    this.#retry = this.#clock.setTimer('mqtt-reconnect', delayMs, () => this.#dial());
  }

  #receive(topic: string, payload: Buffer): void {
    if (this.#closed) return;
    const peer = this.#end.peerOf(topic);
    if (peer === null) {
      this.#strays += 1;
      this.#settings.onStray?.(topic, payload);
      return;
    }
    this.#end.heard(peer);
    this.#onPayload(peer, payload);
  }
}

function isNear(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname);
}

/**
 * A node's link to the cloud through an MQTT broker, with the one peer `cloud`. It connects at
 * once and for ever again, QoS 1, clean sessions: nothing relies on what a broker stores.
 */
export function mqttLink(options: MqttNodeOptions): MqttLink {
  const { theatreNo, nodeId } = options;
  const up = upTopic(theatreNo, nodeId);
  const own = downTopic(theatreNo, nodeId);
  const all = downTopic(theatreNo, everyNode);
  return new BrokerLink(options, (link) => ({
    clientId: options.clientId ?? `foyer-${theatreNo}-${nodeId}`,
    subscriptions: [own, all],
    topicOf: (peer) => (peer === cloudPeer ? up : null),
    peerOf: (topic) => (topic === own || topic === all ? cloudPeer : null),
    heard: () => {},
    peers: () => [cloudPeer],
    connected: () => link.peerChanged(cloudPeer, true),
    disconnected: () => link.peerChanged(cloudPeer, false),
    close: () => {},
  }));
}

function cloudTopicOf(peer: string): string | null {
  const [theatre, node, ...rest] = peer.split('/');
  const theatreNo = theatreNoSchema.safeParse(Number(theatre));
  if (!theatreNo.success || rest.length > 0) return null;
  if (node !== everyNode && !nodeIdSchema.safeParse(node).success) return null;
  return downTopic(theatreNo.data, node as NodeId);
}

function cloudPeerOf(topic: string): string | null {
  const address = parseTopic(topic);
  if (address?.direction !== 'up') return null;
  return `${address.theatreNo}/${address.nodeId}`;
}

/**
 * The cloud's link to all nodes of all theatres. A peer is named `theatreNo/nodeId`; it can be sent
 * to whether it was heard or not, and `theatreNo/all` reaches every node of a theatre.
 */
export function mqttCloudLink(options: MqttCloudOptions): MqttLink {
  const random = options.random ?? nodeRandom();
  const filter = options.sharedSubscription ? `$share/foyer-cloud/${allUpFilter}` : allUpFilter;
  return new BrokerLink(options, (link) => {
    const heard = new HeardPeers({
      clock: link.clock,
      heardMs: options.peerHeardMs ?? 120_000,
      changed: (peer, connected) => link.peerChanged(peer, connected),
    });
    return {
      clientId: options.clientId ?? `foyer-cloud-${random.uuid()}`,
      subscriptions: [filter],
      topicOf: cloudTopicOf,
      peerOf: cloudPeerOf,
      heard: (peer) => heard.note(peer),
      peers: () => heard.list(),
      connected: () => {},
      disconnected: () => heard.forgetAll(),
      close: () => heard.close(),
    };
  });
}
