import { expect, test } from 'vitest';

import { SseReader } from './sse-reader.ts';

const stream =
  'retry: 1000\n\nid: 7\nevent: live\ndata: {"a":\ndata: 1}\n\n: hello\n\ndata: x\r\n\r\n';

test('messages are whole wherever the stream was cut', () => {
  for (let size = 1; size <= stream.length; size += 1) {
    const reader = new SseReader();
    const messages = [];
    for (let at = 0; at < stream.length; at += size) {
      messages.push(...reader.push(stream.slice(at, at + size)));
    }
    expect(messages).toEqual([
      { event: 'live', data: '{"a":\n1}' },
      { event: 'message', data: 'x' },
    ]);
    expect(reader.lastId).toBe('7');
  }
});

test('what a lost connection had begun does not spoil the next', () => {
  const reader = new SseReader();
  reader.push('event: live\ndata: half');
  reader.restart();
  expect(reader.push('data: whole\n\n')).toEqual([{ event: 'message', data: 'whole' }]);
});

test('a message without end is refused', () => {
  const reader = new SseReader();
  expect(() => {
    for (let n = 0; n < 100; n += 1) reader.push(`data: ${'x'.repeat(100_000)}\n`);
  }).toThrow(RangeError);
});
