/**
 * Node's own way from one macrotask to the next: next ticks and promises until none is left. It is
 * what every callback of the event loop ends with, and costs a fifth of a turn of that loop.
 */
function ticker(): () => void {
  const known = process as unknown as { _tickCallback?: () => void };
  const tick = known._tickCallback;
  if (typeof tick !== 'function') throw new Error('This Node cannot settle promises at once.');
  return tick.bind(process);
}

let tick: (() => void) | null = null;

/**
 * Lets every promise that can settle do so, before it returns. Only within `atTopLevel`: inside a
 * promise's own callback nothing would happen.
 */
export function settlePromises(): void {
  tick ??= ticker();
  tick();
}

/** Runs work outside of every promise's callback, where `settlePromises` works. */
export function atTopLevel<T>(work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(work());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}
