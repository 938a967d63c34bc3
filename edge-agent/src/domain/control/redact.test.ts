import { expect, test } from 'vitest';

import { redact } from './redact.ts';

const ticket = `F1:${'6BF+70R30FFWTWGSLKC 4'.repeat(5)}`;

test.each([
  [
    'a private key',
    '-----BEGIN PRIVATE KEY-----\\nMIGHAgEAMBMG\\n-----END PRIVATE KEY-----',
    'MIGH',
  ],
  ['a key that is cut off', '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE', 'MHcC'],
  ['a ticket code', `{"text":"${ticket}"}`, 'FFWTWGSLKC'],
  ['an access key', 'key ASIAIOSFODNN7EXAMPLE', 'IOSFODNN7'],
  ['a bearer token', 'authorization: Bearer abc.def-ghi', 'abc.def'],
  ['a password in a URL', 'mqtts://user:hunter2@broker', 'hunter2'],
  ['a presigned URL', 'https://b.s3.amazonaws.com/x?X-Amz-Signature=0badc0de&a=1', '0badc0de'],
  ['a field of a secret', '{"sessionToken":"FwoGZXIv","a":1}', 'FwoGZXIv'],
])('%s does not leave the box', (_name, line, secret) => {
  expect(line).toContain(secret);
  expect(redact(line)).not.toContain(secret);
});

test('what is no secret stays', () => {
  const line = '{"level":"warn","event":"iot-core-lost","reason":"AWS_IO_SOCKET_CLOSED","F1":2}';
  expect(redact(line)).toBe(line);
});
