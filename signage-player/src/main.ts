import { runComponent } from '@foyer/platform/greengrass';
import { nodeClock, nodeRandom, pinoLogger } from '@foyer/platform/node';
import { loadConfig } from '@foyer/platform/program';

import { playerConfigSchema } from './config.ts';
import { startPlayer } from './player.ts';

runComponent({
  name: 'com.foyer.SignagePlayer',
  load: (env, component) => loadConfig(playerConfigSchema, env, component),
  async start({ config }) {
    const logger = pinoLogger({ level: config.logLevel });
    const player = await startPlayer(config, { clock: nodeClock(), random: nodeRandom(), logger });
    return {
      ready: { port: player.port },
      close: () => player.close(),
      apply({ logLevel, ...rest }) {
        const { logLevel: _, ...others } = config;
        if (JSON.stringify(rest) !== JSON.stringify(others)) return false;
        logger.setLevel(logLevel);
        return true;
      },
    };
  },
});
