import { simLogger } from '@foyer/platform/sim';
import type { SimLogger } from '@foyer/platform/sim';
import { nodeClock, nodeRandom } from '@foyer/platform/node';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import type { z } from 'zod';

import { playerConfigSchema } from '../config.ts';
import { startPlayer } from '../player.ts';
import type { RunningPlayer } from '../player.ts';
import { FakeAgent } from './fake-agent.ts';
import { MediaServer } from './media-server.ts';
import { TestPage } from './page.ts';

type Settings = Partial<z.input<typeof playerConfigSchema>>;

/** A player between an agent and a cloud that tests own; real files and real HTTP. */
export class Stand {
  readonly agent = new FakeAgent();
  readonly logger: SimLogger = simLogger();
  readonly dataDir: string;
  readonly #pages: TestPage[] = [];
  readonly #media: MediaServer;
  #player: RunningPlayer | null = null;

  private constructor(media: MediaServer, dataDir: string) {
    this.#media = media;
    this.dataDir = dataDir;
  }

  static async start(dataDir = makeTempDir('player')): Promise<Stand> {
    const stand = new Stand(await MediaServer.start(), dataDir);
    await stand.agent.start();
    return stand;
  }

  get media(): MediaServer {
    return this.#media;
  }

  get port(): number {
    return this.#player?.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async startPlayer(settings: Settings = {}): Promise<void> {
    const config = playerConfigSchema.parse({
      agentUrl: this.agent.url,
      mediaUrls: [this.#media.url],
      dataDir: this.dataDir,
      ...settings,
      store: { minFreeBytes: 0, stallMs: 300, ...settings.store },
    });
    const seams = { clock: nodeClock(), random: nodeRandom(), logger: this.logger };
    this.#player = await startPlayer(config, seams);
  }

  async stopPlayer(): Promise<void> {
    await this.#player?.close();
    this.#player = null;
  }

  async page(screenId = 'lobby-1', kind: 'screens' | 'preview' = 'screens'): Promise<TestPage> {
    const page = new TestPage(this.port, screenId, kind);
    this.#pages.push(page);
    await page.open();
    return page;
  }

  async close(): Promise<void> {
    for (const page of this.#pages) page.close();
    await this.stopPlayer();
    await this.agent.stop();
    await this.#media.close();
    removeTempDir(this.dataDir);
  }
}
