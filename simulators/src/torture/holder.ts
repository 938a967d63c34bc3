import { readFileSync } from 'node:fs';

import { allUpFilter, type Push } from '@foyer/contracts';
import { chainHash, decodeFrame, encodeFrame } from '@foyer/cloud-sync/engine';
import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';

import type { House } from './house.ts';

/** What a broker took from the theatre: each message was acknowledged to its sender. */
export interface Taken {
  readonly messages: number;
  /** Distinct events in them. */
  readonly events: number;
}

interface Visit {
  clientId: string;
  /** Whose certificate it shows. */
  as: keyof House['services']['mqttFiles'];
  clean: boolean;
}

async function connect(house: House, { clientId, as, clean }: Visit): Promise<MqttClient> {
  const { brokerPort, mqttFiles } = house.services;
  const { caPath, certPath, keyPath } = mqttFiles[as];
  const client = mqtt.connect(`mqtts://127.0.0.1:${brokerPort}`, {
    clientId,
    clean,
    protocolVersion: 4,
    reconnectPeriod: 0,
    ca: readFileSync(caPath),
    cert: readFileSync(certPath),
    key: readFileSync(keyPath),
  });
  // A broker that is killed ends its clients; whoever is here expects it.
  client.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('close', () => reject(new Error(`The broker refused ${clientId}.`)));
  });
  return client;
}

/** Pushes of the theatre that are kept to be sent again. */
const mostKept = 500;
const connections = 8;

/** The same events as pushes of one event each, which a slower evening would have sent. */
function singly({ events, ...push }: Push): Push[] {
  const pushes: Push[] = [];
  let { since, prevHash } = push;
  for (const event of events) {
    pushes.push({ ...push, since, prevHash, events: [event] });
    since = event.seq;
    prevHash = chainHash(prevHash, event);
  }
  return pushes;
}

/**
 * A session of a cloud worker that is away: the broker keeps for it what it acknowledges. And a
 * witness who counts, since the broker does not say.
 */
export class Holder {
  readonly #house: House;
  readonly #clientId: string;
  readonly #events = new Set<string>();
  readonly #pushes: { topic: string; push: Push }[] = [];
  #messages = 0;
  #witness: MqttClient | null = null;

  constructor(house: House, clientId: string) {
    this.#house = house;
    this.#clientId = clientId;
  }

  get taken(): Taken {
    return { messages: this.#messages, events: this.#events.size };
  }

  async begin(): Promise<void> {
    const away = await this.#connect(this.#clientId, false);
    await away.subscribeAsync(allUpFilter, { qos: 1 });
    await away.endAsync();
    const witness = await this.#connect(`${this.#clientId}-witness`, true);
    this.#witness = witness;
    witness.on('message', (topic, payload) => this.#count(topic, payload));
    await witness.subscribeAsync(allUpFilter, { qos: 1 });
  }

  /**
   * Sends what the theatre pushed once more, an event a message, from several connections of the
   * theatre's at once: a theatre by itself waits for the cloud after a window of events.
   * @returns how many the broker acknowledged.
   */
  async sendAgain(messages: number, signal: AbortSignal): Promise<number> {
    const again = this.#pushes.flatMap(({ topic, push }) =>
      singly(push).map((one) => ({ topic, frame: encodeFrame(one) })),
    );
    if (again.length === 0) return 0;
    let sent = 0;
    let acknowledged = 0;
    const work = async (_: unknown, n: number): Promise<void> => {
      const clientId = `${this.#clientId}-theatre-${n}`;
      const client = await connect(this.#house, { clientId, as: 'theatre', clean: true });
      try {
        while (sent < messages && !signal.aborted) {
          const one = again[sent % again.length];
          if (one === undefined) return;
          sent += 1;
          await client.publishAsync(one.topic, Buffer.from(one.frame), { qos: 1 });
          acknowledged += 1;
        }
      } finally {
        await client.endAsync(true).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: connections }, work));
    return acknowledged;
  }

  #connect(clientId: string, clean: boolean): Promise<MqttClient> {
    return connect(this.#house, { clientId, as: 'cloud', clean });
  }

  /** Comes back to the broker as the worker that was away. @returns messages that it kept. */
  async comeBack(): Promise<number> {
    let kept = 0;
    const worker = await this.#connect(this.#clientId, false);
    worker.on('message', () => {
      kept += 1;
    });
    // Stored messages come at once; a subscription's answer comes after what was stored.
    await worker.subscribeAsync(`${allUpFilter}`, { qos: 1 });
    await worker.unsubscribeAsync(allUpFilter);
    await worker.endAsync();
    return kept;
  }

  async end(): Promise<void> {
    await this.#witness?.endAsync(true).catch(() => undefined);
  }

  #count(topic: string, payload: Uint8Array): void {
    const message = decodeFrame(payload);
    if (message.type !== 'push') return;
    this.#messages += 1;
    if (this.#pushes.length < mostKept) this.#pushes.push({ topic, push: message });
    const { node, incarnation, lane } = message;
    for (const { seq } of message.events) this.#events.add(`${node}/${incarnation}/${lane}/${seq}`);
  }
}
