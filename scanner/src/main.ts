import { nodeClock, nodeRandom, pinoLogger } from '@foyer/platform/node';
import { loadConfig, runProgram } from '@foyer/platform/program';

import { scannerConfigSchema } from './config.ts';
import { startScanner } from './scanner.ts';

runProgram(async () => {
  const { config } = loadConfig(scannerConfigSchema, process.env);
  const logger = pinoLogger({ level: config.logLevel });
  const scanner = await startScanner(config, { clock: nodeClock(), random: nodeRandom(), logger });
  return { ready: { port: scanner.port }, close: () => scanner.close() };
});
