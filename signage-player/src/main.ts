import { nodeClock, nodeRandom, pinoLogger } from '@foyer/platform/node';
import { loadConfig, runProgram } from '@foyer/platform/program';

import { playerConfigSchema } from './config.ts';
import { startPlayer } from './player.ts';

runProgram(async () => {
  const { config } = loadConfig(playerConfigSchema, process.env);
  const logger = pinoLogger({ level: config.logLevel });
  const player = await startPlayer(config, { clock: nodeClock(), random: nodeRandom(), logger });
  return { ready: { port: player.port }, close: () => player.close() };
});
