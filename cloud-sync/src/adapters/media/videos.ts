import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { FoyerError } from '@foyer/contracts';
import { z } from 'zod';

import type { PixelSize } from '../../domain/media.ts';

export interface CheckedVideo extends PixelSize {
  durationMs: number;
}

const probeTimeoutMs = 20_000;
const maxProbeBytes = 1_000_000;
const maxSidePx = 16_384;
const maxDurationMs = 86_400_000;
/** What a Chromium of Debian plays. */
const playable: readonly string[] = ['h264', 'vp8', 'vp9', 'av1'];

const probeSchema = z.object({
  streams: z
    .array(
      z.object({
        codec_type: z.string(),
        codec_name: z.string().default('unknown'),
        width: z.int().default(0),
        height: z.int().default(0),
        side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
      }),
    )
    .max(64),
  format: z.object({ duration: z.coerce.number().positive() }),
});

const unreadable = (why: string, cause?: unknown): FoyerError =>
  new FoyerError('image-unreadable', `The video cannot be used: ${why}.`, {
    cause,
    whatToDo: 'Send an MP4 with H.264 or AV1, or a WebM with VP8, VP9 or AV1.',
  });

async function probe(path: string, mime: string): Promise<string> {
  // The container was told from the bytes: naming it keeps playlists and devices out.
  const container = mime === 'video/mp4' ? 'mov' : 'matroska';
  const args = ['-v', 'error', '-f', container, '-protocol_whitelist', 'file'];
  args.push('-show_entries', 'stream=codec_type,codec_name,width,height');
  args.push('-show_entries', 'stream_side_data=rotation:format=duration');
  args.push('-of', 'json', `file:${path}`);
  const limits = { timeout: probeTimeoutMs, maxBuffer: maxProbeBytes };
  try {
    return (await promisify(execFile)('ffprobe', args, limits)).stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new FoyerError('dependency-missing', 'The cloud has no ffprobe, which videos need.', {
        whatToDo: 'Install ffmpeg on the machine of the cloud worker.',
      });
    }
    throw unreadable('ffprobe does not understand it', error);
  }
}

/**
 * Size and length of a video, as ffprobe tells. Throws `dependency-missing` without ffprobe,
 * `image-unreadable` for a file that is damaged or that screens could not play.
 */
export async function checkVideo(path: string, mime: string): Promise<CheckedVideo> {
  const told: unknown = JSON.parse(await probe(path, mime));
  const parsed = probeSchema.safeParse(told);
  if (!parsed.success) throw unreadable('it tells neither streams nor a length');
  const video = parsed.data.streams.find((stream) => stream.codec_type === 'video');
  if (video === undefined) throw unreadable('it has no picture');
  if (!playable.includes(video.codec_name)) throw unreadable(`it is ${video.codec_name}`);
  const durationMs = Math.round(parsed.data.format.duration * 1000);
  if (durationMs > maxDurationMs) throw unreadable('it is longer than a day');
  const sides = [video.width, video.height];
  if (sides.some((side) => side < 1 || side > maxSidePx)) throw unreadable('its size is absurd');
  const turned = video.side_data_list.some(({ rotation = 0 }) => Math.abs(rotation) % 180 === 90);
  const [widthPx = 0, heightPx = 0] = turned ? sides.toReversed() : sides;
  return { widthPx, heightPx, durationMs: Math.max(1, durationMs) };
}
