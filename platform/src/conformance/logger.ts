import { describe, expect, test } from 'vitest';

import type { Logger } from '../logger.ts';

export interface LoggerUnderTest {
  logger: Logger;
  /** What was logged so far, a flat object a line. */
  lines: () => Record<string, unknown>[];
}

/** What every Logger does. */
export function describeLogger(name: string, make: () => LoggerUnderTest): void {
  describe(`Logger: ${name}`, () => {
    test('each level logs its event and fields', () => {
      const { logger, lines } = make();
      logger.debug('one', { n: 1 });
      logger.info('two', { text: 'x', flag: true, nothing: null });
      logger.warn('three');
      logger.error('four', { n: 4 });
      expect(lines()).toMatchObject([
        { level: 'debug', event: 'one', n: 1 },
        { level: 'info', event: 'two', text: 'x', flag: true, nothing: null },
        { level: 'warn', event: 'three' },
        { level: 'error', event: 'four', n: 4 },
      ]);
    });

    test("a child's lines carry its fields, and its parent's do not", () => {
      const { logger, lines } = make();
      const child = logger.child({ peer: 'gate-2' }).child({ feed: 'house' });
      child.info('chunk', { rows: 3 });
      logger.info('tick');
      const [fromChild, fromParent] = lines();
      expect(fromChild).toMatchObject({ event: 'chunk', peer: 'gate-2', feed: 'house', rows: 3 });
      expect(fromParent).not.toHaveProperty('peer');
    });
  });
}
