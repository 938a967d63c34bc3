import { isLoopbackHost } from '@foyer/platform';
import { z } from 'zod';

const nameSchema = z.string().min(1).max(64);

/** A camera device, a video file or a network stream, through ffmpeg. */
const streamSourceSchema = z.object({
  kind: z.literal('stream'),
  name: nameSchema,
  /** What ffmpeg opens: `/dev/video0`, `rtsp://camera/live`, `clip.mp4`. */
  input: z.string().min(1).max(1024),
  inputArguments: z.array(z.string().max(256)).max(32).default([]),
  width: z.int().min(64).max(1920).default(640),
  height: z.int().min(64).max(1920).default(480),
  framesPerSecond: z.number().min(0.2).max(60).default(10),
  ffmpeg: z.string().min(1).default('ffmpeg'),
  /** false: the source ends with its input, as a video file does. */
  restart: z.boolean().default(true),
});

/** Pictures in a directory, each taken once. */
const directorySourceSchema = z.object({
  kind: z.literal('directory'),
  name: nameSchema,
  path: z.string().min(1),
  /** Absent: the directory is read once. */
  pollMs: z.int().min(50).max(3_600_000).optional(),
});

export const scannerConfigSchema = z.object({
  /** The agent's local API. Absent: texts are read and nobody is asked. */
  agentUrl: z.url({ protocol: /^https?$/ }).optional(),
  listen: z
    .object({
      /** It has no passwords: it is for programs of this machine only. */
      host: z
        .string()
        .refine(isLoopbackHost, 'must be a loopback address such as 127.0.0.1')
        .default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(0),
    })
    .prefault({}),
  sources: z
    .array(z.discriminatedUnion('kind', [streamSourceSchema, directorySourceSchema]))
    .max(16)
    .default([]),
  /** Decoder threads. */
  workers: z.int().min(1).max(16).default(1),
  /** Pictures that may wait for a decoder. */
  queueCapacity: z.int().min(1).max(256).default(16),
  maxBodyBytes: z.int().min(1024).default(32_000_000),
  /** The same text seen again within this time is the same scan. */
  duplicateWindowMs: z.int().min(0).max(60_000).default(4_000),
  agentAttemptTimeoutMs: z.int().min(50).default(2_000),
  agentGiveUpAfterMs: z.int().min(0).default(10_000),
  maxPendingScans: z.int().min(1).max(256).default(16),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** The scanner's configuration; every default is in the schema. */
export type ScannerConfig = z.infer<typeof scannerConfigSchema>;
