import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import fixtures from '../fixtures/topics.json' with { type: 'json' };
import { nodeIdSchema } from './ids.ts';
import { allUpFilter, downTopic, everyNode, parseTopic, upTopic } from './topics.ts';

test.each(fixtures.valid)('$topic names its node', ({ topic, theatreNo, nodeId, direction }) => {
  expect(parseTopic(topic)).toEqual({ theatreNo, nodeId, direction });
  const make = direction === 'up' ? upTopic : downTopic;
  expect(make(theatreNo, nodeId)).toBe(topic);
});

test.each(fixtures.invalid)('%j names no node', (topic) => {
  expect(parseTopic(topic)).toBeNull();
});

test('the topic of every node names none of them', () => {
  const { topic, theatreNo } = fixtures.everyNode;
  expect(downTopic(theatreNo, everyNode)).toBe(topic);
  expect(parseTopic(topic)).toBeNull();
  expect(allUpFilter).toBe(fixtures.filter);
});

const nodeIds = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,31}$/)
  .filter((text) => nodeIdSchema.safeParse(text).success);
const theatres = fc.integer({ min: 1, max: 0xffff });

test('any node is found again from its topics, which stay within eight levels', () => {
  fc.assert(
    fc.property(theatres, nodeIds, (theatreNo, nodeId) => {
      for (const [make, direction] of [
        [upTopic, 'up'],
        [downTopic, 'down'],
      ] as const) {
        const topic = make(theatreNo, nodeId);
        expect(parseTopic(topic)).toEqual({ theatreNo, nodeId, direction });
        expect(topic.split('/').length).toBeLessThanOrEqual(8);
        expect(Buffer.byteLength(topic)).toBeLessThanOrEqual(256);
      }
    }),
  );
});

test('no text makes it throw, and what it accepts is written in one way only', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.array(fc.constantFrom('foyer', '1', '7', '07', 'a', 'up', ''))),
      (input) => {
        const topic = Array.isArray(input) ? input.join('/') : input;
        const parsed = parseTopic(topic);
        if (parsed === null) return;
        const make = parsed.direction === 'up' ? upTopic : downTopic;
        expect(make(parsed.theatreNo, parsed.nodeId)).toBe(topic);
      },
    ),
  );
});
