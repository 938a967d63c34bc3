import { FoyerError, nodeIdSchema, theatreNoSchema } from '@foyer/contracts';
import type { Command } from 'commander';

import { createOutput } from '../output.ts';

interface ProvisionOptions {
  theatre: string;
  node: string;
  out: string;
  ca?: string;
  json?: boolean;
}

function wrongOption(name: string, detail: string): FoyerError {
  return new FoyerError('bad-request', `--${name} is wrong: ${detail}.`, {
    whatToDo: 'Run `foyer help provision` for the options.',
  });
}

/** `foyer provision`: gives a node its certificate, and a theatre its certificate authority. */
export function registerProvision(program: Command): void {
  program
    .command('provision')
    .description('make the mesh certificate of a node (and of its theatre, the first time)')
    .requiredOption('--theatre <number>', 'the theatre: 1 to 65535')
    .requiredOption('--node <id>', 'the node, such as gate-1')
    .requiredOption('--out <directory>', "where the node's files go")
    .option(
      '--ca <directory>',
      "where the theatre's certificate authority is kept (default: --out)",
    )
    .option('--json', 'print the paths as one JSON object on the last line')
    .action(async (options: ProvisionOptions) => {
      const theatreNo = theatreNoSchema.safeParse(Number(options.theatre));
      if (!theatreNo.success) throw wrongOption('theatre', 'a number from 1 to 65535');
      const nodeId = nodeIdSchema.safeParse(options.node);
      if (!nodeId.success) {
        throw wrongOption('node', 'a lower-case letter, then up to 31 of a-z, 0-9 and -');
      }
      const { provisionNode } = await import('@foyer/edge-agent');
      const output = createOutput(options);
      const { createdCa, ...files } = await provisionNode({
        theatreNo: theatreNo.data,
        nodeId: nodeId.data,
        outDir: options.out,
        caDir: options.ca,
        nowMs: Date.now(),
      });
      if (createdCa) {
        const dir = options.ca ?? options.out;
        output.progress(`Made the certificate authority of theatre ${options.theatre} in ${dir}.`);
        output.progress('Keep its key where no node can read it: it can make any node.');
      }
      const text = `${options.node}: ${files.certPath}, ${files.keyPath}, ${files.caPath}`;
      output.result({ node: options.node, theatre: theatreNo.data, ...files, createdCa }, text);
    });
}
