import { describe, expect, it } from 'vitest';

import { FrameQueue } from './frame-queue.ts';

describe('FrameQueue', () => {
  it('keeps the newest frame of a camera only', () => {
    const queue = new FrameQueue<string>(4);
    queue.offer({ item: 'old', camera: 'left' });
    queue.offer({ item: 'other', camera: 'right' });
    expect(queue.offer({ item: 'new', camera: 'left' })).toEqual({ taken: true, dropped: ['old'] });
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['other', 'new', undefined]);
  });

  it('never drops what somebody waits for: it refuses when full', () => {
    const queue = new FrameQueue<string>(2);
    queue.offer({ item: 'a' });
    queue.offer({ item: 'b' });
    expect(queue.offer({ item: 'c' })).toEqual({ taken: false });
    expect(queue.offer({ item: 'frame', camera: 'left' })).toEqual({ taken: false });
    expect(queue.drain()).toEqual(['a', 'b']);
  });

  it('makes room for a frame by the oldest frame of another camera', () => {
    const queue = new FrameQueue<string>(2);
    queue.offer({ item: 'a' });
    queue.offer({ item: 'left', camera: 'left' });
    expect(queue.offer({ item: 'right', camera: 'right' })).toEqual({
      taken: true,
      dropped: ['left'],
    });
    expect(queue.length).toBe(2);
  });
});
