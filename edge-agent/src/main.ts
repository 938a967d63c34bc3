import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FoyerError } from '@foyer/contracts';
import {
  meshLink,
  mqttLink,
  nodeClock,
  nodeRandom,
  openOrQuarantine,
  pinoLogger,
} from '@foyer/platform/node';
import { ioTCoreLimits, mosquittoLimits, type Logger } from '@foyer/platform';
import { runProgram, type LoadedConfig, type RunningProgram } from '@foyer/platform/program';
import { serveLocalApi } from './adapters/http/local-api.ts';
import { Agent, type AgentDeps } from './app/agent.ts';
import { countRefusals } from './app/refusals.ts';
import { loadAgentConfig, type AgentConfig } from './config.ts';

const version = '0.1.0';

const limitsOf = { broker: mosquittoLimits, 'iot-core': ioTCoreLimits };

function readPem(mesh: AgentConfig['mesh'], setting: 'certPath' | 'keyPath' | 'caPath'): string {
  try {
    return readFileSync(mesh[setting], 'utf8');
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FoyerError('config-invalid', `mesh.${setting} cannot be read: ${detail}.`, {
      cause,
      whatToDo: 'Make the files of this node with `foyer provision`, and name them here.',
    });
  }
}

function depsOf(config: AgentConfig, logger: Logger, onDamage: () => void): AgentDeps {
  const { node, role, theatreNo, dataDir, mesh, mqtt } = config;
  const clock = nodeClock();
  const random = nodeRandom();
  const common = { theatreNo, nodeId: node, clock, random };
  const tls = {
    cert: readPem(mesh, 'certPath'),
    key: readPem(mesh, 'keyPath'),
    ca: readPem(mesh, 'caPath'),
  };
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
    openCloud:
      mqtt === undefined
        ? null
        : () => mqttLink({ ...common, url: mqtt.url, limits: limitsOf[mqtt.limits], logger }),
    onDamage,
  };
}

/** An agent that begins anew, on the same ports, when its database turns out to be damaged. */
async function startAgent({ config, values }: LoadedConfig<AgentConfig>): Promise<RunningProgram> {
  const logger = pinoLogger({ level: config.log.level, node: config.node });
  for (const { name, value, source } of values) {
    logger.debug('setting', { name, value: JSON.stringify(value), source });
  }
  let agent: Agent | null = null;
  let renewal: Promise<void> | null = null;
  const start = async (now: AgentConfig): Promise<Agent> => Agent.start(depsOf(now, logger, renew));
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
  agent = await start(config);
  const { port, meshPort } = agent;
  const close = async (): Promise<void> => {
    await renewal;
    await agent?.close();
  };
  return { ready: { port, meshPort }, close };
}

const loaded = (): LoadedConfig<AgentConfig> => loadAgentConfig(process.env);

if (process.argv.includes('--print-config')) {
  for (const value of loaded().values) process.stdout.write(`${JSON.stringify(value)}\n`);
} else {
  runProgram(() => startAgent(loaded()));
}
