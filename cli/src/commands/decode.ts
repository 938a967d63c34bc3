import type { FileReading } from '@foyer/scanner';
import type { Command } from 'commander';

import { createOutput } from '../output.ts';
import type { Output } from '../output.ts';

const asText = ({ file, texts, ms, error }: FileReading): string => {
  if (error !== undefined) return `${file}: ${error.message} (${error.code})`;
  return `${file}: ${texts.length === 0 ? 'no code' : texts.join(' | ')} (${ms} ms)`;
};

async function decode(files: readonly string[], output: Output): Promise<void> {
  const { readFiles } = await import('@foyer/scanner');
  output.progress(`Decoding ${files.length} ${files.length === 1 ? 'file' : 'files'}`);
  let unreadable = 0;
  for await (const reading of readFiles(files)) {
    if (reading.error !== undefined) unreadable += 1;
    output.result(reading, asText(reading));
  }
  if (unreadable > 0) output.progress(`${unreadable} of ${files.length} could not be read`);
  if (unreadable === files.length) process.exitCode = 1;
}

/**
 * `foyer decode FILE...`: reads the QR codes in pictures. A file that cannot be read gets a line
 * with its error; the exit code is 1 only when no file could be read.
 */
export function registerDecode(program: Command): void {
  program
    .command('decode')
    .description('read the QR codes in pictures')
    .argument('<file...>', 'PNG, JPEG, WebP, GIF, TIFF or HEIF')
    .option('--json', 'print one JSON object a line for each file, in order')
    .action((files: string[], options: { json?: boolean }) => decode(files, createOutput(options)));
}
