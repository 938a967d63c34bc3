import { ioTCoreLimits, mosquittoLimits } from '../../limits.ts';
import type { Logger } from '../../logger.ts';
import type { MqttSettingsInput } from '../../program/mqtt-settings.ts';
import { tlsFiles } from '../tls-files.ts';
import type { MqttSettings } from './link.ts';

const limitsOf = { broker: mosquittoLimits, 'iot-core': ioTCoreLimits };

/**
 * What a program's `mqtt` settings say to its link. Throws FoyerError `config-invalid` when the
 * certificates cannot be used.
 */
export function brokerSettings(
  settings: MqttSettingsInput & { limits: keyof typeof limitsOf },
  logger: Logger,
): Pick<MqttSettings, 'url' | 'tls' | 'limits' | 'logger'> {
  const { url, certPath, keyPath, caPath, limits } = settings;
  const common = { url, limits: limitsOf[limits], logger };
  if (certPath === undefined || keyPath === undefined) return common;
  const tls = tlsFiles({ certPath, keyPath, caPath }, { setting: 'mqtt', logger });
  return { ...common, tls };
}
