import { z } from 'zod';
import { verdictSchema } from '../verdict.ts';
import type { Operation } from './common.ts';

/** The scanner's own small API: an image in, what was read out. */
export const frameResultSchema = z.object({
  texts: z.array(z.string()),
  /** The verdict of the first text that is a new scan; null for none or a repeat. */
  verdict: verdictSchema.nullable(),
  decodeMs: z.number(),
  /** From asking the agent to its verdict; null without a verdict. */
  scanMs: z.number().nullable().default(null),
});

export const scannerOperations = {
  frame: {
    method: 'post',
    path: '/v1/frames',
    summary:
      'One frame: image/png, image/jpeg, image/webp, or application/octet-stream 8-bit luminance ' +
      'with x-frame-width and x-frame-height. x-camera separates the frames of several cameras.',
    headers: z.object({
      'x-frame-width': z.int().min(1).optional(),
      'x-frame-height': z.int().min(1).optional(),
      'x-camera': z.string().max(64).optional(),
    }),
    response: frameResultSchema,
    status: 200,
    mediaType: 'application/json',
    errors: ['body-too-large', 'image-unreadable', 'image-too-large', 'queue-full'],
  },
} as const satisfies Record<string, Operation>;
