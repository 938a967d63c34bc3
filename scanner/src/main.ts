import { runComponent } from '@foyer/platform/greengrass';
import { nodeClock, nodeRandom, pinoLogger } from '@foyer/platform/node';
import { loadConfig } from '@foyer/platform/program';

import { scannerConfigSchema } from './config.ts';
import { startScanner } from './scanner.ts';

runComponent({
  name: 'com.foyer.Scanner',
  load: (env, component) => loadConfig(scannerConfigSchema, env, component),
  async start({ config }) {
    const logger = pinoLogger({ level: config.logLevel });
    const scanner = await startScanner(config, {
      clock: nodeClock(),
      random: nodeRandom(),
      logger,
    });
    return {
      ready: { port: scanner.port },
      close: () => scanner.close(),
      apply({ logLevel, ...rest }) {
        const { logLevel: _, ...others } = config;
        if (JSON.stringify(rest) !== JSON.stringify(others)) return false;
        logger.setLevel(logLevel);
        return true;
      },
    };
  },
});
