import type { Awaitable } from './ports.ts';

/**
 * A procedure that reads a store which answers at once or with promises. It is a generator that
 * yields what it waits for, so that one text serves both: an agent runs it in one uninterrupted
 * step, the cloud awaits it.
 */
export type Steps<T> = Generator<unknown, T, unknown>;

/** `const row = yield* wait(store.row())`: the value, whichever kind of store it is. */
export function* wait<T>(value: Awaitable<T>): Generator<unknown, T, unknown> {
  if (!isPromise(value)) return value;
  return (yield value) as T;
}

function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Runs a procedure whose store answers at once. */
export function runNow<T>(steps: Steps<T>): T {
  const result = steps.next();
  if (result.done === true) return result.value;
  throw new TypeError('This store answers with a promise: run the procedure with runAwaited.');
}
