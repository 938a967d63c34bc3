import { isFoyerError } from '@foyer/contracts';
import { Command, CommanderError } from 'commander';

import { commands } from './commands/index.ts';

const nextStep =
  'Run `foyer --help` for the commands, or `foyer help COMMAND` for the options of one.';

function prepare(command: Command): void {
  command.exitOverride();
  command.showHelpAfterError(nextStep);
  for (const child of command.commands) prepare(child);
}

/** The `foyer` command with all its commands; it throws CommanderError instead of exiting. */
export function createProgram(): Command {
  const program = new Command('foyer')
    .description('Runs the inside of a cinema: gates, screens, and the sync with the cloud.')
    .enablePositionalOptions();
  for (const register of commands) register(program);
  prepare(program);
  return program;
}

/**
 * Runs one command line (without node and script).
 * @returns the exit code: 0 done, 1 the command failed, 2 the command line was wrong.
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${describe(error)}\n`);
    return 1;
  }
}

// A FoyerError is a sentence for its reader; anything else is a defect, and its stack is the news.
function describe(error: unknown): string {
  if (isFoyerError(error)) return `${error.message} ${error.whatToDo} (${error.code})`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
