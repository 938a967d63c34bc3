import { Writable } from 'node:stream';
import {
  localEventSchemas,
  type EventBody,
  type NodeId,
  type ScreenCommand,
  type SignageView,
} from '@foyer/contracts';
import { nodeRandom } from '@foyer/platform/node';
import {
  SimClock,
  SimDisk,
  simLogger,
  SimNetwork,
  SimRandom,
  type SimLogger,
} from '@foyer/platform/sim';
import type { Request, Response } from 'express';
import type { LocalApiParts } from '../../adapters/http/local-api.ts';
import { agentConfigSchema } from '../../config.ts';
import { Agent, type AgentDeps } from '../agent.ts';
import type { AgentMesh } from '../neighbours.ts';
import { agentMigrations } from '../storage.ts';
import { roleOf, theatreNo } from './house.ts';
import { TestCloud } from './test-cloud.ts';

/** A Friday evening in Berlin. */
const startMs = Date.UTC(2026, 10, 20, 18);

interface Node {
  disk: SimDisk;
  agent: Agent | null;
  api: LocalApiParts | null;
}

/** What a reader of an agent's events was told, with the virtual time of each. */
export interface Heard {
  live: { view: SignageView['live']; atMs: number }[];
  commands: ScreenCommand[];
  hashes: string[];
}

/** A theatre of real agents on real SQLite files, a virtual clock and a virtual network. */
export class SimTheatre {
  readonly clock = new SimClock(startMs);
  readonly logger: SimLogger = simLogger();
  readonly lan: SimNetwork;
  readonly cloud: TestCloud;
  readonly #wan: SimNetwork;
  readonly #nodes = new Map<NodeId, Node>();

  constructor() {
    const { clock } = this;
    const random = new SimRandom(1);
    this.lan = new SimNetwork({ clock, random: random.fork('lan') });
    this.#wan = new SimNetwork({ clock, random: random.fork('wan') });
    this.cloud = new TestCloud({ link: this.#wan.join('cloud'), clock, random });
  }

  /** Starts a node, on the disk that it had if it ran before. */
  async start(node: NodeId, sealPlays?: AgentDeps['sealPlays']): Promise<void> {
    const disk =
      this.#nodes.get(node)?.disk ??
      new SimDisk({ migrations: agentMigrations, synchronous: 'OFF' });
    const made: Node = { disk, agent: null, api: null };
    this.#nodes.set(node, made);
    const deps = this.#deps(node, made);
    made.agent = await Agent.start(sealPlays === undefined ? deps : { ...deps, sealPlays });
  }

  /** Starts nodes and lets them find each other and take the house. */
  async startAll(nodes: readonly NodeId[]): Promise<void> {
    for (const node of nodes) await this.start(node);
    await this.pass(3000);
  }

  /** Ends a node in an orderly way; its disk stays. */
  async stop(node: NodeId): Promise<void> {
    const known = this.#nodes.get(node);
    await known?.agent?.close();
    if (known !== undefined) known.agent = null;
  }

  disk(node: NodeId): SimDisk {
    const disk = this.#nodes.get(node)?.disk;
    if (disk === undefined) throw new Error(`There is no ${node}.`);
    return disk;
  }

  /** What a node's local API is made of. */
  api(node: NodeId): LocalApiParts {
    const api = this.#nodes.get(node)?.api ?? null;
    if (api === null) throw new Error(`${node} does not run.`);
    return api;
  }

  live(node: NodeId): SignageView['live'] {
    return this.api(node).signage.view().live;
  }

  /** Follows the events of a node, as its player does. */
  follow(node: NodeId): Heard {
    const heard: Heard = { live: [], commands: [], hashes: [] };
    const take = (text: string): void => {
      const match = /event: (\w+)\ndata: (.*)\n/.exec(text);
      if (match?.[1] === undefined || match[2] === undefined) return;
      const data: unknown = JSON.parse(match[2]);
      if (match[1] === 'live') {
        const view = localEventSchemas.live.parse(data);
        heard.live.push({ view, atMs: this.clock.monotonicMs() });
      } else if (match[1] === 'command') {
        heard.commands.push(localEventSchemas.command.parse(data));
      } else if (match[1] === 'signage') {
        heard.hashes.push(localEventSchemas.signage.parse(data).hash);
      }
    };
    const writable = new Writable({
      write(chunk: Buffer, _encoding, done) {
        take(chunk.toString());
        done();
      },
    });
    const response = Object.assign(writable, { writeHead: () => response }) as unknown as Response;
    this.api(node).events.serve({ headers: {} } as Request, response);
    return heard;
  }

  /** Lets virtual time pass. */
  pass(byMs: number): Promise<void> {
    return this.clock.advanceAsync(byMs);
  }

  /** Lets time pass until something holds; false when it does not within `limitMs`. */
  until(holds: () => boolean, limitMs = 10_000): Promise<boolean> {
    return this.clock.runUntilAsync(holds, limitMs);
  }

  /** Own events of a node that are on its disk, in the order of their lanes. */
  events(node: NodeId): EventBody[] {
    return this.disk(node)
      .read<{ body: string }>(
        `SELECT e.body FROM outbox_event e JOIN outbox_lane l ON l.id = e.lane_id
         WHERE l.node = '${node}' ORDER BY e.lane_id, e.seq`,
      )
      .map(({ body }) => JSON.parse(body) as EventBody);
  }

  async close(): Promise<void> {
    for (const node of this.#nodes.keys()) await this.stop(node);
    await this.cloud.close();
    for (const { disk } of this.#nodes.values()) disk.destroy();
  }

  #deps(node: NodeId, made: Node): AgentDeps {
    const { clock, logger } = this;
    const role = roleOf(node);
    const paths = { certPath: 'none', keyPath: 'none', caPath: 'none' };
    return {
      config: agentConfigSchema.parse({ node, role, theatreNo, dataDir: 'none', mesh: paths }),
      version: 'test',
      clock,
      random: nodeRandom(),
      logger,
      onDamage: () => {},
      openJournal: (migrations) => made.disk.start({ migrations, logger, nowMs: clock.nowMs() }),
      openMesh: () => {
        const link = this.lan.join(node);
        const mesh: AgentMesh = Object.assign(link, { port: 0, setPeers: () => {} });
        return Promise.resolve(mesh);
      },
      serveApi: (parts) => {
        made.api = parts;
        const close = (): Promise<void> => {
          made.api = null;
          return Promise.resolve();
        };
        return Promise.resolve({ port: 0, close });
      },
      openCloud:
        role === 'theatre'
          ? () => this.#wan.join(`${theatreNo}/theatre`, (peer) => peer === 'cloud')
          : null,
    };
  }
}
