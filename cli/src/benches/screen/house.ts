import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';

import { localOperations } from '@foyer/contracts';
import { BookingClient, launchChromium, targetOf, Theatre } from '@foyer/simulators';
import type { Chromium } from '@foyer/simulators';

import { fillCloud, makeFiles } from './content.ts';

const gate = 'gate-1';
const player = 'player-1';
const tellMs = 2000;
const uploadMs = 60_000;

/** A small theatre of real programs without guests, one display box in it, and Chromium. */
export class BenchHouse {
  readonly chromium: Chromium;
  readonly filmBytes: Buffer;
  readonly #theatre: Theatre;

  private constructor(theatre: Theatre, chromium: Chromium, filmBytes: Buffer) {
    this.#theatre = theatre;
    this.chromium = chromium;
    this.filmBytes = filmBytes;
  }

  static async open(dir: string, progress: (line: string) => void): Promise<BenchHouse> {
    const own = join(dir, 'theatre');
    mkdirSync(own);
    const apiKey = randomBytes(24).toString('base64url');
    const chromium = await launchChromium();
    let theatre: Theatre | undefined;
    try {
      const files = await makeFiles(dir);
      progress('Starting a theatre');
      theatre = await Theatre.start(
        {
          gates: 1,
          boxes: 1,
          seed: 1,
          dir: own,
          managerToken: null,
          apiKey,
          signingKey: randomBytes(32).toString('base64url'),
          demandPerS: 1,
        },
        { progress, onGuestLine: () => undefined },
      );
      await theatre.contentLoaded();
      await fillCloud(new BookingClient(theatre.urlOf('cloud'), apiKey, uploadMs), files);
      return new BenchHouse(theatre, chromium, files.films[0] ?? Buffer.alloc(0));
    } catch (error) {
      await chromium.close();
      await theatre?.close();
      throw error;
    }
  }

  /** Where the player of the box serves its pages. */
  get url(): string {
    return this.#theatre.urlOf(player);
  }

  killPlayer(): Promise<void> {
    return this.#theatre.begin(targetOf(player));
  }

  startPlayer(): Promise<void> {
    return this.#theatre.mend(targetOf(player));
  }

  /** From now on there is no cloud and no way to it. */
  async goOffline(): Promise<void> {
    await this.#theatre.begin(targetOf('wan'));
    await this.#theatre.begin(targetOf('cloud'));
  }

  /** Tells the gate's agent how many people wait there. */
  async tellWaiting(waiting: number): Promise<void> {
    const response = await fetch(new URL(localOperations.queue.path, this.#theatre.urlOf(gate)), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ waiting }),
      signal: AbortSignal.timeout(tellMs),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${gate} answers ${response.status} to a count.`);
  }

  async close(): Promise<void> {
    await this.chromium.close();
    await this.#theatre.close();
  }
}
