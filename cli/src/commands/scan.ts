import type { AgentClient, FileReading } from '@foyer/scanner';
import type { Command } from 'commander';

import { createOutput } from '../output.ts';
import type { Output } from '../output.ts';

interface ScanLine {
  readonly file: string;
  /** The lamp's colour; null when nothing was sent to the agent. */
  readonly verdict: string | null;
  readonly reason: string | null;
  readonly ms: number;
  readonly error?: { readonly code: string; readonly message: string };
}

interface ScanOptions {
  readonly agent: string;
  readonly json?: boolean;
}

const attemptTimeoutMs = 2_000;
const giveUpAfterMs = 5_000;

async function scanOne(agent: AgentClient, reading: FileReading): Promise<ScanLine> {
  const { file, texts, ms, error } = reading;
  const text = texts[0];
  if (error !== undefined) return { file, verdict: null, reason: null, ms, error };
  if (text === undefined) return { file, verdict: null, reason: 'no-code', ms };
  const startMs = performance.now();
  const passed = (): number => Math.round((ms + performance.now() - startMs) * 10) / 10;
  try {
    const { colour, reason } = await agent.scan(text);
    return { file, verdict: colour, reason, ms: passed() };
  } catch (cause) {
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
    const failure = {
      code: typeof code === 'string' ? code : 'link-down',
      message: cause instanceof Error ? cause.message : String(cause),
    };
    return { file, verdict: null, reason: null, ms: passed(), error: failure };
  }
}

const asText = ({ file, verdict, reason, ms, error }: ScanLine): string =>
  error === undefined
    ? `${file}: ${verdict ?? '-'} ${reason ?? ''} (${ms} ms)`
    : `${file}: ${error.message} (${error.code})`;

async function scan(files: readonly string[], options: ScanOptions, output: Output): Promise<void> {
  const { createAgentClient, readFiles } = await import('@foyer/scanner');
  const { nodeClock, nodeRandom } = await import('@foyer/platform/node');
  const limits = { agentUrl: options.agent, attemptTimeoutMs, giveUpAfterMs };
  const agent = createAgentClient(limits, nodeClock(), nodeRandom());
  output.progress(`Scanning ${files.length} ${files.length === 1 ? 'file' : 'files'}`);
  let failed = 0;
  for await (const reading of readFiles(files)) {
    const line = await scanOne(agent, reading);
    if (line.error !== undefined) failed += 1;
    output.result(line, asText(line));
  }
  if (failed === files.length) process.exitCode = 1;
}

/**
 * `foyer scan --agent URL FILE...`: reads each picture and asks an agent for the verdict of its
 * first text. The exit code is 1 only when every file failed.
 */
export function registerScan(program: Command): void {
  program
    .command('scan')
    .description('read tickets in pictures and ask a gate for their verdicts')
    .argument('<file...>', 'PNG, JPEG, WebP, GIF, TIFF or HEIF')
    .requiredOption('--agent <url>', "the gate agent's local API, as http://127.0.0.1:8080")
    .option('--json', 'print one JSON object a line for each file, in order')
    .action((files: string[], options: ScanOptions) => scan(files, options, createOutput(options)));
}
