import { isFoyerError } from '@foyer/contracts';

/** A program that serves. */
export interface RunningProgram {
  /** Told on stdout, with `"ready": true`, for whoever started the program: its ports. */
  ready: Readonly<Record<string, unknown>>;
  /** Ends everything that was started. */
  close(): Promise<void>;
}

const graceMs = 5000;

/** Set to 1, a program ends when its standard input does. */
export const endWithInput = 'FOYER_END_WITH_INPUT';

/**
 * Runs a program until SIGTERM or SIGINT: prints one JSON line on stdout when it serves, ends
 * within 5 s of the first signal and ignores further ones. A failure to start is told in one
 * sentence, with what to do, and exits with 1.
 */
export function runProgram(start: () => Promise<RunningProgram>): void {
  const begin = async (): Promise<void> => {
    const program = await start();
    let closing = false;
    const stop = (): void => {
      if (closing) return;
      closing = true;
      setTimeout(() => process.exit(1), graceMs).unref();
      program.close().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    // A supervisor that is killed itself cannot end its programs; the pipe it held ends for it.
    if (process.env[endWithInput] === '1') process.stdin.on('close', stop).resume();
    process.stdout.write(`${JSON.stringify({ ready: true, ...program.ready })}\n`);
  };
  begin().catch((error: unknown) => fail(error));
}

function fail(error: unknown): never {
  const told = isFoyerError(error)
    ? `${error.code}: ${error.message} ${error.whatToDo}`
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${told}\n`);
  process.exit(1);
}
