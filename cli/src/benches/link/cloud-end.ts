import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { seedTickets, type SeededBooking } from '@foyer/cloud-sync';
import { bundleFile } from '@foyer/platform/home';
import { Program, theatreNo } from '@foyer/simulators';

const keyId = 1;
const here = { host: '127.0.0.1', port: 0 };

/** Tickets sold once, and a cloud worker's process for each way that is measured. */
export class CloudEnd {
  readonly #dir: string;
  readonly #signingKey = randomBytes(32).toString('base64url');
  #program: Program | null = null;
  #starts = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Sells `rows` tickets; every way has a node of its own. */
  async sell(rows: number, nodes: readonly string[]): Promise<readonly SeededBooking[]> {
    return seedTickets({
      database: { kind: 'sqlite', path: join(this.#dir, 'sold.db') },
      theatreNo,
      tickets: rows,
      signingKey: this.#signingKey,
      keyId,
      nodes: nodes.map((nodeId) => ({
        ...{ nodeId, role: 'theatre', name: nodeId, auditoriums: [] },
        ...{ status: 'active', meshUrl: null },
      })),
    });
  }

  /** Starts a worker on a copy of what was sold, so that every way begins alike. */
  async start(brokerUrl: string, limits: 'broker' | 'iot-core'): Promise<void> {
    this.#starts += 1;
    const dir = join(this.#dir, `cloud-${this.#starts}`);
    mkdirSync(dir);
    const path = join(dir, 'cloud.db');
    copyFileSync(join(this.#dir, 'sold.db'), path);
    const file = bundleFile('cloud');
    this.#program = new Program({ name: 'cloud', file, dir });
    await this.#program.start({
      listen: here,
      database: { kind: 'sqlite', path },
      mqtt: { url: brokerUrl, sharedSubscription: false, limits },
      // Nobody pays here.
      payment: { url: 'http://127.0.0.1:9' },
      media: { path: join(dir, 'media') },
      apiKey: randomBytes(24).toString('base64url'),
      signingKey: this.#signingKey,
      keyId,
      log: { level: 'warn' },
    });
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
    this.#program = null;
  }
}
