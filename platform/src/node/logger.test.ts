import { expect, test } from 'vitest';

import { pinoLogger, silentLogger } from './logger.ts';

function record(): {
  lines: Record<string, unknown>[];
  destination: { write(line: string): void };
} {
  const lines: Record<string, unknown>[] = [];
  return {
    lines,
    destination: {
      write: (line) => {
        lines.push(JSON.parse(line) as Record<string, unknown>);
      },
    },
  };
}

test('values under the names of secrets are never logged', () => {
  const { lines, destination } = record();
  const logger = pinoLogger({ destination, node: 'gate-1' });
  const names = ['apiKey', 'api_key', 'password', 'paymentToken', 'showKey', 'privateKey', 'seed'];
  for (const name of names) logger.info('x', { [name]: 'hunter2' });
  logger.child({ authorization: 'Bearer hunter2' }).error('y');
  expect(JSON.stringify(lines)).not.toContain('hunter2');
  expect(lines).toHaveLength(names.length + 1);
});

test('names that only look like secrets are', () => {
  const { lines, destination } = record();
  const logger = pinoLogger({ destination, node: 'gate-1' });
  logger.info('row', { key: 'ticket/1', keyId: 3, publicKey: 'abc', tokens: 4 });
  expect(lines[0]).toMatchObject({
    level: 'info',
    node: 'gate-1',
    key: 'ticket/1',
    keyId: 3,
    publicKey: 'abc',
    tokens: 4,
  });
  expect(lines[0]?.timeMs).toBeTypeOf('number');
});

test('lines below the level are not written', () => {
  const { lines, destination } = record();
  pinoLogger({ destination, level: 'warn' }).info('no');
  silentLogger().child({}).error('no');
  expect(lines).toEqual([]);
});
