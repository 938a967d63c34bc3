/** Ctrl-C and its like, while something runs that must be ended in order. */
export interface Interruption {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** Signals do again what they do by default. */
  forget(): void;
}

/** The first signal asks everything to end, and calls `say`; a second one does not wait. */
export function listenForInterruption(say: () => void): Interruption {
  const stop = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130);
    say();
    stop.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: stop.signal,
    forget() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
