import {
  Agent,
  agentConfigSchema,
  type LocalApiParts,
  type AgentDeps,
} from '@foyer/edge-agent/app';
import {
  isFoyerError,
  localShowSchema,
  statusSchema,
  verdictSchema,
  type Message,
  type Role,
} from '@foyer/contracts';
import type { Clock } from '@foyer/platform';
import { openJournal } from '@foyer/platform/node';
import { SimClock, simLogger, SimRandom, type SimLogger } from '@foyer/platform/sim';

import { describeError, Misbehaviour } from '../target.ts';
import { FakeLink } from './fake-link.ts';
import { chunkOf, codeOf, framesOf, greetingOf, rowsOf, startMs, theatreNo } from './house.ts';

/** The others of the theatre, in the order that inputs number them. */
export const peerNames = ['theatre', 'gate-2', 'gate-3', 'screen-1'] as const;

/** Errors that a log may hold: what the theatre brought about, none of them a defect. */
const knownErrors = new Set([
  'chain-forked',
  'disk-full',
  'key-unusable',
  'feed-not-served',
  'payload-not-applied',
]);

/** A log entry that tells of a defect that somebody caught. */
export function assertNoDefect(logger: SimLogger): void {
  const defect = logger.records.find(({ level, event }) => {
    return level === 'error' && !knownErrors.has(event);
  });
  if (defect === undefined) return;
  const { event, fields } = defect;
  throw new Misbehaviour(`An error was logged: ${event} ${JSON.stringify(fields).slice(0, 1500)}`);
}

/** What of an agent a rig needs to start one. */
export function agentDepsOf(parts: {
  node: string;
  role: Role;
  clock: Clock;
  logger: SimLogger;
  mesh: FakeLink;
  serveApi: AgentDeps['serveApi'];
}): AgentDeps {
  const { node, role, clock, logger, mesh, serveApi } = parts;
  const paths = { certPath: 'none', keyPath: 'none', caPath: 'none' };
  return {
    config: agentConfigSchema.parse({ node, role, theatreNo, dataDir: 'none', mesh: paths }),
    version: 'fuzz',
    clock,
    random: new SimRandom(1),
    logger,
    onDamage: () => {},
    openJournal: (migrations) => {
      return { journal: openJournal({ path: ':memory:', migrations }), quarantined: null };
    },
    openMesh: () => Promise.resolve(mesh),
    openCloud: null,
    serveApi,
  };
}

/** A real agent on a database in memory and a virtual clock, whose mesh is the fuzzer. */
export class AgentRig {
  readonly clock = new SimClock(startMs);
  readonly logger = simLogger(200);
  readonly mesh = new FakeLink(peerNames);
  #api: LocalApiParts | null = null;
  #agent: Agent | null = null;

  static async open(node: string, role: Role): Promise<AgentRig> {
    const rig = new AgentRig();
    const { clock, logger, mesh } = rig;
    const serveApi: AgentDeps['serveApi'] = (api) => {
      rig.#api = api;
      return Promise.resolve({ port: 0, close: () => Promise.resolve() });
    };
    rig.#agent = await Agent.start(agentDepsOf({ node, role, clock, logger, mesh, serveApi }));
    return rig;
  }

  /** The others greet it and it takes the house, so that inputs meet an agent at work. */
  furnish(): void {
    for (const peer of peerNames) {
      const role = peer === 'theatre' ? 'theatre' : peer === 'screen-1' ? 'screen' : 'gate';
      this.say(peer, ...greetingOf(peer, role));
    }
    this.clock.advance(300);
    for (const feed of ['house', 'tickets', 'secrets'] as const) {
      this.say('theatre', chunkOf(feed, rowsOf[feed]));
    }
    this.clock.advance(50);
  }

  say(peer: string, ...messages: Message[]): void {
    for (const frame of framesOf(messages)) this.deliver(peer, frame);
  }

  /** A frame arrives. Whatever escapes here would end the process. */
  deliver(peer: string, frame: Uint8Array): void {
    try {
      this.mesh.deliver(peer, frame);
    } catch (error) {
      if (!isFoyerError(error)) throw error;
      throw new Misbehaviour(`An error escaped from a link: ${describeError(error)}`);
    }
  }

  /** The agent still tells how it is and what it shows, and decides a scan. */
  async assertWorks(scans: boolean): Promise<void> {
    const api = this.#api;
    if (api === null) throw new Misbehaviour('The agent serves no API.');
    statusSchema.parse(api.status());
    for (const show of api.shows()) localShowSchema.parse(show);
    if (scans) await api.metrics.text();
    if (scans && api.admission !== null) await this.#scan(api.admission);
    assertNoDefect(this.logger);
  }

  async #scan(admission: NonNullable<LocalApiParts['admission']>): Promise<void> {
    const scanId = new SimRandom(this.clock.monotonicMs()).uuid();
    let answered = false;
    const verdict = admission
      .scan({ scanId, text: codeOf(4), peek: false, override: false })
      .finally(() => {
        answered = true;
      });
    await this.clock.runUntilAsync(() => answered, 2000);
    if (!answered) throw new Misbehaviour('A scan got no verdict within two seconds.');
    verdictSchema.parse(await verdict);
  }

  async close(): Promise<void> {
    await this.#agent?.close();
  }
}
