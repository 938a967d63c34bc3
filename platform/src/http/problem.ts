import { FoyerError, httpStatusOfCode, isFoyerError, type Problem } from '@foyer/contracts';
import type { Response } from 'express';
import { z } from 'zod';

/** The HTTP status of an error's code; 500 for a code of a newer version. */
export function statusOf(code: string): number {
  return (httpStatusOfCode as Record<string, number>)[code] ?? 500;
}

/** What body-parser and the router throw: an HTTP status and a kind. */
const httpErrorSchema = z.object({
  status: z.int().min(400).max(499),
  type: z.string().optional(),
  limit: z.number().optional(),
  message: z.string(),
});

function fromHttpError(error: unknown): FoyerError | null {
  const parsed = httpErrorSchema.safeParse(error);
  if (!parsed.success) return null;
  const { type, limit, message } = parsed.data;
  if (type === 'entity.too.large') {
    return new FoyerError('body-too-large', `The body is larger than ${limit ?? '?'} bytes.`);
  }
  if (type === 'entity.parse.failed') {
    return new FoyerError('bad-request', `The body is not valid JSON: ${message}.`);
  }
  return new FoyerError('bad-request', `The request cannot be read: ${message}.`);
}

/** Any thrown value as the error that a client is told; what is not ours becomes `internal`. */
export function problemOf(error: unknown): { status: number; problem: Problem } {
  const known = isFoyerError(error) ? error : fromHttpError(error);
  const told = known ?? new FoyerError('internal', 'This request met a fault of the program.');
  return {
    status: statusOf(told.code),
    problem: { code: told.code, message: told.message, whatToDo: told.whatToDo },
  };
}

/** Answers an error, unless an answer was begun: then the connection is all that can be ended. */
export function sendProblem(response: Response, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, problem } = problemOf(error);
  if (status === 401) response.set('www-authenticate', 'Bearer');
  response.status(status).json(problem);
}
