import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const maxOutputBytes = 16 * 1024 * 1024;

/** Runs a program to its end and answers its stdout. One that is not there throws ENOENT. */
export async function runTool(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    maxBuffer: maxOutputBytes,
  });
  return stdout;
}

/** True for the error of a program that is not installed. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
