import {
  contentOperations,
  screenStateSchema,
  type Campaign,
  type Content,
  type Item,
  type Programme,
} from '@foyer/contracts';
import { finishApp, mountOperations, newApp, receiveFile, serve } from '@foyer/platform/http';
import type { Handlers, HttpServer } from '@foyer/platform/http';
import { nodeClock, nodeRandom, sha256Hex } from '@foyer/platform/node';
import { simLogger, type SimLogger } from '@foyer/platform/sim';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';

import { FakeAgent } from '../../testing/fake-agent.ts';
import { mediaRow, testFile, testProgramme } from '../../testing/house.ts';
import { managerConfigSchema } from '../config.ts';
import { startManager, type RunningManager } from '../manager.ts';

export const apiKey = 'cloud-key-0123456789';
export const tokens = { viewer: 'look-only', editor: 'may-edit', operator: 'may-raise' } as const;
export const picture = testFile('picture');

/** A cloud that keeps what it is told in memory, under the real operations. */
export class FakeCloud {
  readonly content: Content;
  readonly keys: (string | undefined)[] = [];
  readonly uploads: { sha256: string; sizeBytes: number }[] = [];
  readonly #dir = makeTempDir('manager');
  #server: HttpServer | null = null;

  constructor(programme: Programme) {
    const { signage, screens, media, items, campaigns } = programme;
    const rows = { screens: [...screens], media: [...media], items: [...items] };
    this.content = { signage, ...rows, campaigns: [...campaigns] };
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  async start(): Promise<void> {
    const app = newApp();
    mountOperations(app, contentOperations, this.#handlers(), {
      before: (request) => this.keys.push(request.headers.authorization),
    });
    finishApp(app);
    this.#server = await serve(app, { host: '127.0.0.1', port: 0 });
  }

  async stop(): Promise<void> {
    await this.#server?.close(0);
    removeTempDir(this.#dir);
  }

  #handlers(): Handlers<typeof contentOperations> {
    const { content } = this;
    const put = <T>(rows: T[], row: T, same: (one: T) => boolean): T => {
      const at = rows.findIndex(same);
      rows.splice(at < 0 ? rows.length : at, at < 0 ? 0 : 1, row);
      return row;
    };
    const gone = { removed: true };
    return {
      content: () => content,
      putSignage: ({ body }) => body,
      putScreens: ({ body }) => body,
      putMedia: async ({ params, request }) => {
        const path = `${this.#dir}/${this.uploads.length}`;
        const { sizeBytes } = await receiveFile(request, path, { maxBytes: 1_000_000 });
        this.uploads.push({ sha256: params.sha256, sizeBytes });
        return { ...mediaRow(picture), sha256: params.sha256, sizeBytes };
      },
      media: () => ({ contentType: 'application/octet-stream', body: picture.bytes }),
      removeMedia: () => gone,
      putItem: ({ body }) => put<Item>(content.items, body, (one) => one.itemId === body.itemId),
      removeItem: () => gone,
      putCampaign: ({ body }) =>
        put<Campaign>(content.campaigns, body, (one) => one.campaignId === body.campaignId),
      removeCampaign: () => gone,
      plays: () => ({ plays: [], next: null }),
      screenLog: () => ({ faults: [], emergencies: [] }),
    };
  }
}

/** A management program beside an agent and a cloud, all on loopback. */
export interface Stand {
  readonly agent: FakeAgent;
  readonly cloud: FakeCloud;
  readonly manager: RunningManager;
  readonly logger: SimLogger;
  close(): Promise<void>;
}

/** What the agent says of the screens of a programme. */
export const screensOf = (programme: Programme) =>
  programme.screens.map((screen) =>
    screenStateSchema.parse({ ...screen, report: null, reportAgeMs: null, picture: null }),
  );

export async function startStand(
  programme = testProgramme([picture]),
  players: readonly string[] = [],
): Promise<Stand> {
  const agent = new FakeAgent();
  const cloud = new FakeCloud(programme);
  agent.programme = programme;
  agent.answers.set('/v1/screens', { screens: screensOf(programme) });
  await Promise.all([agent.start(), cloud.start()]);
  const logger = simLogger();
  const roles = (['viewer', 'editor', 'operator'] as const).map((role) => {
    return { name: `the ${role}`, role, tokenSha256: sha256Hex(tokens[role]) };
  });
  const given = { agentUrl: agent.url, cloudUrl: cloud.url, apiKey, players, roles };
  const config = managerConfigSchema.parse(given);
  const seams = { clock: nodeClock(), random: nodeRandom(), logger };
  const manager = await startManager(config, seams);
  const close = async (): Promise<void> => {
    await manager.close();
    await Promise.all([agent.stop(), cloud.stop()]);
  };
  return { agent, cloud, manager, logger, close };
}
