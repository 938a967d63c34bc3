import { expect, test } from 'vitest';
import { z } from 'zod';

import { checkMqttSettings, mqttSettingsShape } from './mqtt-settings.ts';

const schema = z.strictObject(mqttSettingsShape).superRefine(checkMqttSettings);
const files = { certPath: 'a.crt', keyPath: 'a.key' };

const complaints = (settings: object): string[] =>
  (schema.safeParse(settings).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

test.each(['localhost', '127.0.0.1', '127.9.8.7', '[::1]'])(
  'a plain connection is accepted to %s, and needs no certificates',
  (host) => expect(complaints({ url: `mqtt://${host}:1883` })).toEqual([]),
);

test.each(['10.0.0.7', 'broker', 'localhost.example.com', '127.0.0.1.example.com', '[fe80::1]'])(
  'a plain connection to %s, which is not this machine, is refused',
  (host) =>
    expect(complaints({ url: `mqtt://${host}` })).toEqual([
      expect.stringMatching(/^url: mqtt:\/\/ is not encrypted and .* use mqtts:\/\/$/),
    ]),
);

test('over TLS both ends show a certificate', () => {
  const url = 'mqtts://broker.example';
  expect(complaints({ url, ...files })).toEqual([]);
  expect(complaints({ url, ...files, caPath: 'ca.crt' })).toEqual([]);
  expect(complaints({ url, certPath: 'a.crt' })).toEqual([expect.stringMatching(/^keyPath: /)]);
  expect(complaints({ url })).toHaveLength(2);
});

test('certificates that would not be used are refused, not ignored', () => {
  expect(complaints({ url: 'mqtt://localhost', ...files })).toHaveLength(2);
});
