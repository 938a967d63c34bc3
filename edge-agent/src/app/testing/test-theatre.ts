import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  problemSchema,
  statusSchema,
  verdictSchema,
  type NodeId,
  type Status,
  type Verdict,
} from '@foyer/contracts';
import type { Clock, Journal, Logger } from '@foyer/platform';
import {
  meshLink,
  mqttLink,
  nodeClock,
  nodeRandom,
  openOrQuarantine,
  signPlaySeal,
  silentLogger,
  tlsFiles,
} from '@foyer/platform/node';
import { freePort, makeTempDir, removeTempDir, waitFor } from '@foyer/platform/testing';
import { provisionNode } from '../../adapters/provisioning/index.ts';
import { serveLocalApi } from '../../adapters/http/local-api.ts';
import { agentConfigSchema } from '../../config.ts';
import { Agent, type AgentDeps } from '../agent.ts';
import { countRefusals } from '../refusals.ts';
import { roleOf, theatreNo } from './house.ts';

export interface AgentWishes {
  clock?: Clock;
  logger?: Logger;
  /** Stands between the agent and its database. */
  wrapJournal?: (journal: Journal) => Journal;
}

/** A theatre of real agents in this process: real TLS sockets, real files, one directory. */
export class TestTheatre {
  readonly dir = makeTempDir('agents');
  readonly #nodes: readonly NodeId[];
  readonly #mqttUrl: string | null;
  readonly #ports = new Map<NodeId, number>();
  readonly #agents = new Map<NodeId, Agent>();

  private constructor(nodes: readonly NodeId[], mqttUrl: string | null) {
    this.#nodes = nodes;
    this.#mqttUrl = mqttUrl;
  }

  /** Provisions the nodes; none runs yet. */
  static async prepare(nodes: readonly NodeId[], mqttUrl: string | null): Promise<TestTheatre> {
    const theatre = new TestTheatre(nodes, mqttUrl);
    for (const nodeId of nodes) {
      await provisionNode({ theatreNo, nodeId, outDir: theatre.dir, nowMs: Date.now() });
      theatre.#ports.set(nodeId, await freePort());
    }
    return theatre;
  }

  meshUrl(node: NodeId): string {
    return `wss://127.0.0.1:${this.#ports.get(node)}`;
  }

  async start(node: NodeId, wishes: AgentWishes = {}): Promise<Agent> {
    const agent = await Agent.start(this.#deps(node, wishes));
    this.#agents.set(node, agent);
    return agent;
  }

  async startAll(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => this.start(node)));
  }

  async stop(node: NodeId): Promise<void> {
    await this.#agents.get(node)?.close();
    this.#agents.delete(node);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.keys()].map((node) => this.stop(node)));
    removeTempDir(this.dir);
  }

  url(node: NodeId): string {
    return `http://127.0.0.1:${this.#agents.get(node)?.port ?? 0}`;
  }

  post(node: NodeId, path: string, body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(this.url(node) + path, { method: 'POST', headers, body: text });
  }

  async scan(node: NodeId, text: string, scanId: string = randomUUID()): Promise<Verdict> {
    const response = await this.post(node, '/v1/scans', { scanId, text });
    const body: unknown = await response.json();
    if (response.ok) return verdictSchema.parse(body);
    throw new Error(problemSchema.parse(body).message);
  }

  async status(node: NodeId): Promise<Status> {
    return statusSchema.parse(await (await fetch(`${this.url(node)}/v1/status`)).json());
  }

  async metric(node: NodeId, start: string): Promise<number> {
    const text = await (await fetch(`${this.url(node)}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(start));
    return Number(line?.split(' ').at(-1) ?? Number.NaN);
  }

  /** Waits until a node's status is as told. */
  until(what: string, node: NodeId, holds: (status: Status) => boolean): Promise<void> {
    return waitFor(`${node}: ${what}`, async () => holds(await this.status(node)), 20_000);
  }

  /** Waits until every node that runs sees every other one. */
  async meshed(): Promise<void> {
    for (const node of this.#agents.keys()) {
      await this.until('meshed', node, ({ peers }) => {
        const near = peers.filter((peer) => peer.connected && (peer.lastHeardAgoMs ?? 9999) < 900);
        return near.length === this.#agents.size - 1;
      });
    }
  }

  pem(file: string): string {
    return readFileSync(join(this.dir, file), 'utf8');
  }

  tls(node: NodeId): { cert: string; key: string; ca: string } {
    const [cert, key] = [this.pem(`${node}.crt`), this.pem(`${node}.key`)];
    return { cert, key, ca: this.pem('theatre-ca.crt') };
  }

  #deps(node: NodeId, wishes: AgentWishes): AgentDeps {
    const { clock = nodeClock(), logger = silentLogger() } = wishes;
    const random = nodeRandom();
    const others = this.#nodes.filter((other) => other !== node);
    const at = (file: string) => join(this.dir, file);
    const config = agentConfigSchema.parse({
      node,
      role: roleOf(node),
      theatreNo,
      dataDir: at(node),
      mesh: {
        listen: { port: this.#ports.get(node) },
        certPath: at(`${node}.crt`),
        keyPath: at(`${node}.key`),
        caPath: at('theatre-ca.crt'),
        peers: Object.fromEntries(others.map((other) => [other, this.meshUrl(other)])),
      },
    });
    const common = { theatreNo, nodeId: node, clock, random };
    const url = node === 'theatre' ? this.#mqttUrl : null;
    return {
      config,
      version: 'test',
      clock,
      random,
      logger,
      onDamage: () => {},
      openJournal: (migrations) => {
        mkdirSync(config.dataDir, { recursive: true });
        const path = join(config.dataDir, `${config.role}.db`);
        const opened = openOrQuarantine({ path, migrations, logger, nowMs: clock.nowMs() });
        return { ...opened, journal: wishes.wrapJournal?.(opened.journal) ?? opened.journal };
      },
      openMesh: ({ peers, isAllowed, onRefused }) =>
        meshLink({
          ...common,
          listen: config.mesh.listen,
          tls: tlsFiles(config.mesh, { setting: 'mesh', logger }),
          renewMs: 50,
          peers,
          isAllowed,
          logger: countRefusals(logger, onRefused),
        }),
      sealPlays: (chain) => signPlaySeal(chain, this.tls(node)),
      serveApi: (parts) => serveLocalApi(parts, config.listen),
      openCloud: url === null ? null : () => mqttLink({ ...common, url, logger }),
    };
  }
}
