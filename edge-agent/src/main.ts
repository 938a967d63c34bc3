import { readFileSync } from 'node:fs';
import { FoyerError } from '@foyer/contracts';
import { meshLink, mqttLink, nodeClock, nodeRandom, pinoLogger } from '@foyer/platform/node';
import { runProgram, type LoadedConfig } from '@foyer/platform/program';
import { Agent, type AgentDeps } from './app/agent.ts';
import { countRefusals } from './app/refusals.ts';
import { loadAgentConfig, type AgentConfig } from './config.ts';

const version = '0.1.0';

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

function depsOf({ config, values }: LoadedConfig<AgentConfig>): AgentDeps {
  const { node, theatreNo, mesh, mqtt } = config;
  const logger = pinoLogger({ level: config.log.level, node });
  for (const { name, value, source } of values) {
    logger.debug('setting', { name, value: JSON.stringify(value), source });
  }
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
    openMesh: ({ peers, isAllowed, onRefused }) =>
      meshLink({
        ...common,
        listen: mesh.listen,
        tls,
        peers,
        isAllowed,
        logger: countRefusals(logger, onRefused),
      }),
    openCloud: mqtt === undefined ? null : () => mqttLink({ ...common, url: mqtt.url, logger }),
  };
}

const loaded = (): LoadedConfig<AgentConfig> => loadAgentConfig(process.env);

if (process.argv.includes('--print-config')) {
  for (const value of loaded().values) process.stdout.write(`${JSON.stringify(value)}\n`);
} else {
  runProgram(async () => {
    const agent = await Agent.start(depsOf(loaded()));
    const { port, meshPort } = agent;
    return { ready: { port, meshPort }, close: () => agent.close() };
  });
}
