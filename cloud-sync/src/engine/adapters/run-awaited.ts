import type { Steps } from '../domain/steps.ts';

/** Runs a procedure whose store answers with promises. */
export async function runAwaited<T>(steps: Steps<T>): Promise<T> {
  let result = steps.next();
  while (result.done !== true) {
    let value: unknown;
    let failure: { error: unknown } | null = null;
    try {
      value = await result.value;
    } catch (error) {
      failure = { error };
    }
    result = failure === null ? steps.next(value) : steps.throw(failure.error);
  }
  return result.value;
}
