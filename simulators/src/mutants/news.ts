import { z } from 'zod';

/** What a process that runs seeds tells: that it began, and what each seed showed. */
export const seedNewsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('seed'),
    seed: z.int(),
    /** The laws that were broken, each once. */
    laws: z.array(z.string()),
    detail: z.string(),
  }),
]);
export type SeedNews = z.infer<typeof seedNewsSchema>;
