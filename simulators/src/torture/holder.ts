import { readFileSync } from 'node:fs';

import { allUpFilter } from '@foyer/contracts';
import { decodeFrame } from '@foyer/cloud-sync/engine';
import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';

import type { House } from './house.ts';

/** What a broker took from the theatre: each message was acknowledged to its sender. */
export interface Taken {
  readonly messages: number;
  /** Distinct events in them. */
  readonly events: number;
}

async function connect(house: House, clientId: string, clean: boolean): Promise<MqttClient> {
  const { brokerPort, mqttFiles } = house.services;
  const { caPath, certPath, keyPath } = mqttFiles.cloud;
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

/**
 * A session of a cloud worker that is away: the broker keeps for it what it acknowledges. And a
 * witness who counts, since the broker does not say.
 */
export class Holder {
  readonly #house: House;
  readonly #clientId: string;
  readonly #events = new Set<string>();
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
    const away = await connect(this.#house, this.#clientId, false);
    await away.subscribeAsync(allUpFilter, { qos: 1 });
    await away.endAsync();
    const witness = await connect(this.#house, `${this.#clientId}-witness`, true);
    this.#witness = witness;
    witness.on('message', (_topic, payload) => this.#count(payload));
    await witness.subscribeAsync(allUpFilter, { qos: 1 });
  }

  /** Comes back to the broker as the worker that was away. @returns messages that it kept. */
  async comeBack(): Promise<number> {
    let kept = 0;
    const worker = await connect(this.#house, this.#clientId, false);
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

  #count(payload: Uint8Array): void {
    const message = decodeFrame(payload);
    if (message.type !== 'push') return;
    this.#messages += 1;
    const { node, incarnation, lane } = message;
    for (const { seq } of message.events) this.#events.add(`${node}/${incarnation}/${lane}/${seq}`);
  }
}
