import { nodeClock, nodeRandom, pinoLogger } from '@foyer/platform/node';
import { loadConfig, runProgram } from '@foyer/platform/program';

import { managerConfigSchema } from './config.ts';
import { startManager } from './manager.ts';

runProgram(async () => {
  const { config } = loadConfig(managerConfigSchema, process.env);
  const logger = pinoLogger({ level: config.logLevel, node: 'signage-manager' });
  const manager = await startManager(config, {
    clock: nodeClock(),
    random: nodeRandom(),
    logger,
  });
  return { ready: { port: manager.port, url: manager.url }, close: () => manager.close() };
});
