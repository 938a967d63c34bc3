import { z } from 'zod';

import { isLoopbackHost } from '../loopback.ts';

const path = z.string().min(1).optional();

/** The settings of a link through an MQTT broker; check the whole with `checkMqttSettings`. */
export const mqttSettingsShape = {
  /** `mqtts://host[:8883]`; plain `mqtt://host[:1883]` only to a broker on this machine. */
  url: z.url({ protocol: /^mqtts?$/ }),
  /** Authorities that the broker's certificate may come from; those of the system when absent. */
  caPath: path,
  /** The certificate that this program shows to the broker, and its private key (mode 0600). */
  certPath: path,
  keyPath: path,
  /** Whose limits the link keeps: a broker's of one's own, or AWS IoT Core's. */
  limits: z.enum(['broker', 'iot-core']).default('broker'),
} as const;

/** The part of them that says where the broker is and what it is shown. */
export interface MqttSettingsInput {
  url: string;
  caPath?: string;
  certPath?: string;
  keyPath?: string;
}

/**
 * A zod check: off this machine a broker is spoken to over TLS, and both ends show a certificate.
 */
export function checkMqttSettings(settings: MqttSettingsInput, context: z.RefinementCtx): void {
  const refuse = (name: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [name], message });
  };
  // What is no URL at all is refused by its own schema; this check runs all the same.
  if (!URL.canParse(settings.url)) return;
  const { protocol, hostname } = new URL(settings.url);
  const files = ['caPath', 'certPath', 'keyPath'] as const;
  if (protocol === 'mqtt:') {
    if (!isLoopbackHost(hostname)) {
      refuse('url', `mqtt:// is not encrypted and ${hostname} is not this machine: use mqtts://`);
    }
    for (const name of files) {
      if (settings[name] !== undefined) refuse(name, 'mqtt:// uses no certificates: use mqtts://');
    }
    return;
  }
  for (const name of ['certPath', 'keyPath'] as const) {
    if (settings[name] === undefined) {
      refuse(name, 'mqtts:// needs it: the broker knows a client by its certificate');
    }
  }
}
