import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  issueMqttClient,
  makeTestCa,
  startMosquitto,
  startPostgres,
} from '@foyer/platform/testing';
import { documentedAcl } from '@foyer/platform/testing';
import type { TestBroker, TestPostgres } from '@foyer/platform/testing';

import { theatreNo } from '../world/index.ts';
import { theatreNode } from '../up/settings.ts';

/** The files that a client shows to the broker, as `mqtt` settings name them. */
export interface MqttFiles {
  readonly caPath: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** What is not ours, and real: the broker and the database server. */
export interface Services {
  readonly broker: TestBroker;
  readonly brokerPort: number;
  readonly postgres: TestPostgres;
  /** By client: `cloud`, or the theatre's node. */
  readonly mqttFiles: Readonly<Record<'cloud' | 'theatre', MqttFiles>>;
}

// Mosquitto forgets what exceeds 1,000 messages of a session unless it is told otherwise.
const brokerConfig = ['max_queued_messages 0', 'max_inflight_messages 100'];

/**
 * Mosquitto that asks every client for a certificate and lets a node speak for itself only, and
 * PostgreSQL with fsync on.
 */
export async function startServices(dir: string): Promise<Services> {
  const ca = makeTestCa();
  const files = (client: 'cloud' | 'theatre', name: string): MqttFiles => {
    const pem = issueMqttClient(ca, name);
    const path = (end: string): string => join(dir, `mqtt-${client}.${end}`);
    writeFileSync(path('ca'), pem.ca);
    writeFileSync(path('crt'), pem.cert);
    writeFileSync(path('key'), pem.key, { mode: 0o600 });
    return { caPath: path('ca'), certPath: path('crt'), keyPath: path('key') };
  };
  const mqttFiles = {
    cloud: files('cloud', 'cloud'),
    theatre: files('theatre', `${theatreNo}/${theatreNode}`),
  };
  const postgres = await startPostgres();
  try {
    const tls = ca.issue('localhost', 'foyer');
    const broker = await startMosquitto({ tls, acl: documentedAcl(), config: brokerConfig });
    return { broker, brokerPort: Number(new URL(broker.url).port), postgres, mqttFiles };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
