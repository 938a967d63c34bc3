import { readFileSync } from 'node:fs';

import { FoyerError } from '@foyer/contracts';

import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { tlsFiles } from '../node/tls-files.ts';
import { regionOf, type IotCoreSettingsInput } from '../program/iot-core-settings.ts';
import type { Random } from '../random.ts';
import type { TopicClient } from '../topic-client.ts';
import { iotCoreClient, type IotCoreOptions } from './client.ts';
import { loadIotSdk } from './sdk.ts';
import { TokenExchange, type TokenExchangeAddress } from './token-exchange.ts';

export interface IotCoreDeps {
  /** Of the nucleus that started this program, where one did. */
  tokenExchange: TokenExchangeAddress | null;
  clock: Clock;
  random: Random;
  logger: Logger;
}

type Settings = IotCoreSettingsInput & { port?: number; caPath?: string; clientId: string };

function proofOf(settings: Settings, deps: IotCoreDeps): IotCoreOptions['proof'] {
  const { credentials, certPath, keyPath, caPath, endpoint } = settings;
  const { logger, clock, tokenExchange } = deps;
  if (credentials === 'certificate' && certPath !== undefined && keyPath !== undefined) {
    const files = tlsFiles({ certPath, keyPath, caPath }, { setting: 'iotCore', logger });
    return () => {
      files.renew();
      return { kind: 'x509', tls: files.current() };
    };
  }
  if (tokenExchange === null) {
    throw new FoyerError(
      'config-invalid',
      'iotCore.credentials: token-exchange, and no nucleus tells where its service is.',
      { whatToDo: 'Deploy aws.greengrass.TokenExchangeService beside it, or use a certificate.' },
    );
  }
  const exchange = new TokenExchange(tokenExchange, clock);
  const region = settings.region ?? regionOf(endpoint) ?? '';
  return async () => ({
    kind: 'sigv4',
    region,
    credentials: await exchange.credentials(),
    ...(caPath === undefined ? {} : { ca: readFileSync(caPath, 'utf8') }),
  });
}

/**
 * Loads the SDK for a program's `iotCore` settings, and answers what opens a connection. Throws
 * FoyerError `config-invalid` or `dependency-missing`.
 */
export async function iotCoreOpener(
  settings: Settings,
  deps: IotCoreDeps,
): Promise<() => TopicClient> {
  const { clock, random, logger } = deps;
  const { endpoint: host, port, clientId } = settings;
  const proof = proofOf(settings, deps);
  const sdk = await loadIotSdk();
  const options = { sdk, host, clientId, proof, clock, random, logger };
  return () => iotCoreClient(port === undefined ? options : { ...options, port });
}
