import { execFile } from 'node:child_process';

/** What a program said, and whether it ended well. */
export interface CommandResult {
  readonly ok: boolean;
  /** Standard output, at most 16 KB. */
  readonly text: string;
  /** Why it did not end well, for a person; "" when it did. */
  readonly detail: string;
}

const maxOutputBytes = 16_384;

/** Runs a program without a shell, kills it after `timeoutMs`, and never throws. */
export function runCommand(command: readonly string[], timeoutMs: number): Promise<CommandResult> {
  const [file = '', ...args] = command;
  const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: maxOutputBytes } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout) => {
      const detail = error === null ? '' : `${file}: ${error.message}`.slice(0, 200);
      resolve({ ok: error === null, text: stdout, detail });
    });
  });
}
