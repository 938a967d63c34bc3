import { createInterface } from 'node:readline';

import { loadConfig, runProgram } from '@foyer/platform/program';

import { BookingClient } from '../booking/client.ts';
import { seededUniform } from '../camera/random.ts';
import { GateCamera } from './adapters/gate-camera.ts';
import { guestsConfigSchema } from './config.ts';
import type { GuestsConfig } from './config.ts';
import { nextArrivalMs } from './domain/demand.ts';
import { drawIntent } from './domain/intents.ts';
import { Lane } from './lane.ts';
import type { GuestReport } from './report.ts';
import { Shop } from './shop.ts';
import { Visits } from './visits.ts';

const say = (report: GuestReport): void => {
  process.stdout.write(`${JSON.stringify(report)}\n`);
};

/** Lets parties come by the demand curve from `begin` until `stop`, then waits for the last. */
class Crowd {
  readonly #config: GuestsConfig;
  readonly #cameras: GateCamera[];
  readonly #lanes: Lane[];
  readonly #visits: Visits;
  readonly #uniform;
  readonly #parties = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #beganMs: number | undefined;
  #closing = false;

  constructor(config: GuestsConfig) {
    this.#config = config;
    this.#uniform = seededUniform(config.seed);
    this.#cameras = config.gates.map((gate) => new GateCamera(gate.scannerUrl));
    this.#lanes = config.gates.flatMap(({ node, auditoriums }, index) => {
      const camera = this.#cameras[index];
      const onQueue = (waiting: number): void => say({ kind: 'queue', gate: node, waiting });
      return camera === undefined ? [] : [new Lane({ gate: node, auditoriums }, camera, onQueue)];
    });
    const client = new BookingClient(config.cloudUrl);
    this.#visits = new Visits({
      lanes: this.#lanes,
      shop: new Shop(client, config.theatreNo, this.#uniform),
      uniform: this.#uniform,
      oldBookings: [...config.oldBookings],
      report: say,
      closing: () => this.#closing,
    });
  }

  begin(): void {
    if (this.#beganMs !== undefined) return;
    this.#beganMs = performance.now();
    this.#admit('honest');
    this.#next(0);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#closing = true;
    for (const lane of this.#lanes) lane.close();
    await Promise.all(this.#parties);
    for (const camera of this.#cameras) camera.close();
  }

  #next(afterMs: number): void {
    const atMs = nextArrivalMs(this.#config.demand, afterMs, this.#uniform);
    const delayMs = (this.#beganMs ?? 0) + atMs - performance.now();
    this.#timer = setTimeout(
      () => {
        if (this.#closing) return;
        this.#admit(drawIntent(this.#uniform));
        this.#next(atMs);
      },
      Math.max(0, delayMs),
    );
  }

  #admit(intent: Parameters<Visits['run']>[0]): void {
    if (this.#parties.size >= this.#config.maxParties) {
      say({ kind: 'left', intent });
      return;
    }
    const party = this.#visits.run(intent).finally(() => this.#parties.delete(party));
    this.#parties.add(party);
  }
}

runProgram(() => {
  const crowd = new Crowd(loadConfig(guestsConfigSchema, process.env).config);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await crowd.stop();
    say({ kind: 'finished' });
    process.exit(0);
  };
  const words = createInterface({ input: process.stdin });
  words.on('line', (line) => {
    if (line === 'begin') crowd.begin();
    if (line === 'stop') void stop();
  });
  words.on('close', () => process.exit(0));
  // A signal means at once: whoever wants the last guest to get in says `stop`.
  return Promise.resolve({ ready: {}, close: () => Promise.resolve() });
});
