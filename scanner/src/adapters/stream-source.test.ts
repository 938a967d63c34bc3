import { spawnSync } from 'node:child_process';

import { nodeClock } from '@foyer/platform/node';
import type { LogFields, Logger } from '@foyer/platform';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Luminance } from '../domain/luminance.ts';
import { FrameCutter, startStream } from './stream-source.ts';
import type { StreamOptions } from './stream-source.ts';

const options: StreamOptions = {
  name: 'test',
  input: 'testsrc=size=320x240:rate=10:duration=0.5',
  inputArguments: ['-f', 'lavfi'],
  width: 160,
  height: 120,
  framesPerSecond: 10,
  ffmpeg: 'ffmpeg',
  restart: false,
};

interface Line {
  readonly event: string;
  readonly fields: LogFields | undefined;
}

function listen(): { logger: Logger; heard: (event: string) => Promise<Line> } {
  const lines: Line[] = [];
  const waiting: { event: string; resolve: (line: Line) => void }[] = [];
  const note = (event: string, fields?: LogFields): void => {
    lines.push({ event, fields });
    for (const entry of waiting) if (entry.event === event) entry.resolve({ event, fields });
  };
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
  const heard = (event: string): Promise<Line> =>
    new Promise((resolve) => {
      const line = lines.find((entry) => entry.event === event);
      if (line === undefined) waiting.push({ event, resolve });
      else resolve(line);
    });
  return { logger, heard };
}

describe('FrameCutter', () => {
  it('cuts frames wherever the pipe broke the bytes', () => {
    const cutter = new FrameCutter(2, 2);
    const frames: Luminance[] = [];
    for (const part of [[1], [2, 3, 4, 5], [6, 7], [8, 9]]) {
      frames.push(...cutter.push(Uint8Array.from(part)));
    }
    const pixels = frames.map((frame) => [...frame.data]);
    expect(pixels).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
  });
});

describe('startStream', () => {
  beforeAll(() => {
    const { error } = spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    if (error) throw new Error('ffmpeg is not installed: run apt-get install ffmpeg, then again.');
  });

  it('takes frames from ffmpeg and ends with the file', async () => {
    const frames: Luminance[] = [];
    const { logger } = listen();
    const take = (frame: Luminance): void => void frames.push(frame);
    const source = startStream(options, take, { clock: nodeClock(), logger });
    await source.ended;
    expect(frames.length).toBeGreaterThanOrEqual(4);
    expect(frames[0]).toMatchObject({ width: 160, height: 120 });
    expect(new Set(frames[0]?.data).size).toBeGreaterThan(5);
  });

  it('says in one sentence that ffmpeg is missing, and stops when it is told to', async () => {
    const { logger, heard } = listen();
    const missing = { ...options, ffmpeg: 'ffmpeg-is-not-here' };
    const source = startStream(missing, () => {}, { clock: nodeClock(), logger });
    const { fields } = await heard('dependency-missing');
    expect(fields?.['message']).toContain('not installed');
    await source.stop();
    await source.ended;
  });

  it("logs ffmpeg's own words when an input fails, and can be stopped while it runs", async () => {
    const { logger, heard } = listen();
    const seams = { clock: nodeClock(), logger };
    const broken = startStream({ ...options, input: 'nonsense', restart: true }, () => {}, seams);
    expect((await heard('stream-ended')).fields?.['message']).toContain('nonsense');
    await broken.stop();
    const endless = { ...options, input: 'testsrc=size=320x240:rate=10', restart: true };
    let taken: () => void = () => {};
    const first = new Promise<void>((resolve) => (taken = resolve));
    const source = startStream(endless, () => taken(), seams);
    await first;
    await source.stop();
  });
});
