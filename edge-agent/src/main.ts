import type { X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  identityOfX509,
  LogRing,
  meshLink,
  nodeClock,
  nodeRandom,
  openOrQuarantine,
  pinoLogger,
  sha256Hex,
  signPlaySeal,
  tlsFiles,
} from '@foyer/platform/node';
import type { Clock, Logger, Random } from '@foyer/platform';
import {
  greengrassWays,
  runComponent,
  type Component,
  type RunningComponent,
} from '@foyer/platform/greengrass';
import type { LoadedConfig } from '@foyer/platform/program';
import { finishMeshCertificate } from './adapters/control/mesh-key.ts';
import { cloudWays, type CloudWays } from './adapters/cloud/ways.ts';
import { serveLocalApi } from './adapters/http/local-api.ts';
import { Agent, type AgentDeps } from './app/agent.ts';
import { openThing as openThingOf } from './app/control/open.ts';
import { countRefusals } from './app/refusals.ts';
import { linkOf, loadAgentConfig, type AgentConfig } from './config.ts';

const version = '0.1.0';

/** Of the log, for the job that collects it. */
const maxLogChars = 512 * 1024;

/** Why a certificate is not that of this node; null where it is. */
function wrongCertificate(config: AgentConfig, certificate: X509Certificate): string | null {
  const { node, role, theatreNo } = config;
  const found = identityOfX509(certificate);
  if (found?.theatreNo !== theatreNo || found.nodeId !== node) {
    const whose = found === null ? 'no node of ours' : `${found.nodeId} of ${found.theatreNo}`;
    return `it is the certificate of ${whose}, not of ${node} of theatre ${theatreNo}.`;
  }
  if (found.role === null || found.role === role) return null;
  return `it is the certificate of a ${found.role}, and role says ${role}.`;
}

/** What an agent is given once, for all its starts. */
interface Machine {
  openThing: AgentDeps['openThing'];
  clock: Clock;
  random: Random;
  logger: Logger;
  ways: CloudWays;
}

function depsOf(config: AgentConfig, machine: Machine, onDamage: () => void): AgentDeps {
  const { node, role, theatreNo, dataDir, mesh } = config;
  const { clock, random, logger, ways, openThing } = machine;
  const common = { theatreNo, nodeId: node, clock, random };
  const wrong = (certificate: X509Certificate) => wrongCertificate(config, certificate);
  const tls = tlsFiles(mesh, { setting: 'mesh', wrong, logger });
  return {
    config,
    version,
    clock,
    random,
    logger,
    openJournal(migrations) {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      const path = join(dataDir, `${role}.db`);
      return openOrQuarantine({ path, migrations, logger, nowMs: clock.nowMs() });
    },
    openMesh: ({ peers, isAllowed, onRefused }) =>
      meshLink({
        ...common,
        listen: mesh.listen,
        tls,
        peers,
        isAllowed,
        logger: countRefusals(logger, onRefused),
      }),
    serveApi: (parts) => serveLocalApi(parts, config.listen),
    sealPlays: (chain) => signPlaySeal(chain, tls.current()),
    openCloud: ways.openLink,
    openThing,
    onDamage,
  };
}

/** Opens this node's shadow and jobs; null where it has none. */
function thingOpener(
  { config, values }: LoadedConfig<AgentConfig>,
  { openTopics }: CloudWays,
  ring: LogRing | null,
): AgentDeps['openThing'] {
  if (openTopics === null) return null;
  const settings = {
    ...{ config, version, logs: () => ring?.text() ?? '' },
    digest: sha256Hex(JSON.stringify(values)).slice(0, 16),
    wrongCertificate: (certificate: X509Certificate) => wrongCertificate(config, certificate),
  };
  return (parts) => openThingOf({ ...settings, openTopics }, parts);
}

/** An agent that begins anew, on the same ports, when its database turns out to be damaged. */
async function startAgent(
  { config, values }: LoadedConfig<AgentConfig>,
  component: Component | null,
): Promise<RunningComponent<AgentConfig>> {
  const ring = config.thing === undefined ? null : new LogRing(maxLogChars);
  const { level } = config.log;
  const destination = ring?.destination();
  const logger = pinoLogger({ level, node: config.node, destination });
  for (const { name, value, source } of values) {
    logger.debug('setting', { name, value: JSON.stringify(value), source });
  }
  const common = { clock: nodeClock(), random: nodeRandom(), logger };
  const nucleus = component === null ? null : nucleusWays(config, component, common);
  const ways = await cloudWays(config, { ...common, env: process.env, nucleus });
  const openThing = thingOpener({ config, values }, ways, ring);
  const machine = { ...common, ways, openThing };
  let agent: Agent | null = null;
  let renewal: Promise<void> | null = null;
  const start = async (now: AgentConfig): Promise<Agent> =>
    Agent.start(depsOf(now, machine, renew));
  const renew = (): void => {
    const damaged = agent;
    if (damaged === null || renewal !== null) return;
    logger.error('database-damaged', { next: 'it is set aside and built anew' });
    const listen = { ...config.listen, port: damaged.port };
    const mesh = { ...config.mesh, listen: { ...config.mesh.listen, port: damaged.meshPort } };
    renewal = damaged
      .close()
      .then(() => start({ ...config, listen, mesh }))
      .then((renewed) => {
        agent = renewed;
        renewal = null;
      });
  };
  finishMeshCertificate(config.mesh);
  agent = await start(config);
  const { port, meshPort } = agent;
  const close = async (): Promise<void> => {
    await renewal;
    await agent?.close();
  };
  return {
    ready: { port, meshPort },
    close,
    busy: () => agent?.isAdmitting ?? false,
    needsNucleus: linkOf(config) === 'greengrass',
    apply(next) {
      if (!isSameBut(next, config)) return false;
      logger.setLevel(next.log.level);
      return true;
    },
  };
}

/** Whether two configurations differ at most in what an agent can change while it runs. */
function isSameBut(one: AgentConfig, other: AgentConfig): boolean {
  const rest = ({ log: _, ...others }: AgentConfig): string => JSON.stringify(others);
  return rest(one) === rest(other);
}

function nucleusWays(
  config: AgentConfig,
  component: Component,
  common: Pick<Machine, 'clock' | 'random' | 'logger'>,
) {
  const { theatreNo, node: nodeId } = config;
  const { session, kind: nucleus } = component;
  return greengrassWays({ ...common, session, nucleus, theatreNo, nodeId });
}

if (process.argv.includes('--print-config')) {
  const { values } = loadAgentConfig(process.env);
  for (const value of values) process.stdout.write(`${JSON.stringify(value)}\n`);
} else {
  runComponent({ name: 'com.foyer.EdgeAgent', load: loadAgentConfig, start: startAgent });
}
