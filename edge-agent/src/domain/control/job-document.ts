import { z } from 'zod';

import { gateModes } from './shadow.ts';

/** What a job asks for: the document that an operator gives to CreateJob. */
export const jobDocumentSchema = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal('reboot') }),
  z.strictObject({
    operation: z.literal('collect-logs'),
    /** A presigned URL that takes a PUT, such as `${aws:iot:s3-presigned-url-upload:...}` gives. */
    uploadUrl: z.url({ protocol: /^https$/ }).max(4096),
  }),
  /** Makes a key; the answer's `csr` is what the theatre's authority signs. */
  z.strictObject({ operation: z.literal('rotate-keys') }),
  /** The certificate for that key, PEM: both take the place of the former ones. */
  z.strictObject({
    operation: z.literal('install-certificate'),
    certificate: z.string().min(1).max(8192),
  }),
  z.strictObject({ operation: z.literal('switch-gate'), mode: z.enum(gateModes) }),
]);
export type JobDocument = z.output<typeof jobDocumentSchema>;

/** How long each may take; a reboot until the machine is back. */
export const jobTimeoutMs: Record<JobDocument['operation'], number> = {
  reboot: 600_000,
  'collect-logs': 120_000,
  'rotate-keys': 30_000,
  'install-certificate': 30_000,
  'switch-gate': 30_000,
};
