import {
  brokerSettings,
  mqttCloudLink,
  nodeClock,
  nodeRandom,
  pinoLogger,
  tlsFiles,
} from '@foyer/platform/node';
import { runProgram } from '@foyer/platform/program';

import { httpPayment } from './adapters/payment/http-payment.ts';
import { openStore } from './adapters/store/database.ts';
import { Cloud } from './cloud.ts';
import { loadCloudConfig, mediaOptions, sealAuthorities, ticketKeys } from './config.ts';

const secretSettings = new Set(['apiKey', 'signingKey']);

async function start(): Promise<Cloud> {
  const { config, values } = loadCloudConfig(process.env);
  const logger = pinoLogger({ level: config.log.level, node: 'cloud' });
  for (const { name, value, source } of values) {
    const shown = secretSettings.has(name) ? '[redacted]' : JSON.stringify(value);
    logger.debug('setting', { name, value: shown, source });
  }
  const clock = nodeClock();
  const random = nodeRandom();
  const { mqtt } = config;
  const tls =
    config.listen.tls === undefined
      ? undefined
      : tlsFiles(config.listen.tls, { setting: 'listen.tls', logger });
  const broker = mqtt === undefined ? null : brokerSettings(mqtt, logger);
  return Cloud.start({
    listen: { ...config.listen, tls },
    apiKey: config.apiKey,
    store: await openStore(config.database, logger),
    clock,
    random,
    logger,
    payment: httpPayment({ ...config.payment, logger }),
    ...ticketKeys(config),
    media: mediaOptions(config),
    authorities: sealAuthorities(config),
    openLink:
      mqtt === undefined || broker === null
        ? null
        : (onStray) => {
            const { sharedSubscription } = mqtt;
            return mqttCloudLink({ ...broker, sharedSubscription, clock, random, onStray });
          },
  });
}

runProgram(async () => {
  const cloud = await start();
  return { ready: { port: cloud.port }, close: () => cloud.close() };
});
