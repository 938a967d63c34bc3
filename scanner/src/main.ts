import { readFile } from 'node:fs/promises';

import { FoyerError, isFoyerError } from '@foyer/contracts';
import { nodeClock, nodeRandom, pinoLogger } from '@foyer/platform/node';
import { z } from 'zod';

import { scannerConfigSchema } from './config.ts';
import type { ScannerConfig } from './config.ts';
import { startScanner } from './scanner.ts';

// FOYER_SCANNER_CONFIG is the configuration itself or the path of a file that holds it.
async function readConfig(): Promise<ScannerConfig> {
  const given = process.env['FOYER_SCANNER_CONFIG'] ?? '{}';
  const text = given.trimStart().startsWith('{') ? given : await readFile(given, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FoyerError('config-invalid', 'FOYER_SCANNER_CONFIG is not JSON.', { cause });
  }
  const parsed = scannerConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FoyerError('config-invalid', z.prettifyError(parsed.error));
}

async function run(): Promise<void> {
  const config = await readConfig();
  const logger = pinoLogger({ level: config.logLevel });
  const scanner = await startScanner(config, { clock: nodeClock(), random: nodeRandom(), logger });
  let closing = false;
  const stop = (): void => {
    if (closing) return;
    closing = true;
    scanner.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error('close-failed', { message: String(error) });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, port: scanner.port })}\n`);
}

run().catch((error: unknown) => {
  const sentence = isFoyerError(error) ? `${error.code}: ${error.message}` : String(error);
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
});
