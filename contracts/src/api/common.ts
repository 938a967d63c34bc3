import { z } from 'zod';

/** The body of every refused request. */
export const problemSchema = z.object({
  code: z.string(),
  message: z.string(),
  whatToDo: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

/** One operation of an HTTP API: what OpenAPI is generated from and what a server mounts. */
export interface Operation {
  method: 'get' | 'post' | 'put' | 'delete';
  /** Express style: `/v1/shows/:showNo/seats`. */
  path: string;
  summary: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** Headers of its own, in lower case. */
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** The JSON that a success answers; absent for other media types. */
  response?: z.ZodType;
  status: 200 | 201;
  mediaType?: string;
  /** Codes of the errors that it answers, beside `bad-request`. */
  errors: readonly string[];
}
