import type { Command } from 'commander';

import { benches } from '../benches/index.ts';
import { createOutput } from '../output.ts';

/** `foyer bench NAME`: one subcommand for each entry of `benches`. */
export function registerBench(program: Command): void {
  const bench = program.command('bench').description('measure something, printing numbers');
  for (const [name, entry] of Object.entries(benches)) {
    const command = bench.command(name).description(entry.summary);
    command.option('--json', 'print the result as one JSON object on the last line');
    entry.addOptions?.(command);
    command.action(async (options: Record<string, unknown>) => {
      const output = createOutput(options);
      const { run, text } = await entry.load();
      const result = await run(options, output);
      output.result(result, text?.(result));
      // A native library of something that was measured may hold the process for minutes.
      process.exit();
    });
  }
}
