import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Luminance } from '@foyer/scanner';

import { Tally } from './numbers.ts';
import type { Sample } from './frames.ts';

const run = promisify(execFile);
const program = 'ZXingReader';
/** Frames a process: its start is a small part of its time. */
const batchFrames = 16;
const timeoutMs = 120_000;
const maxOutputBytes = 4_000_000;

// bash prints the CPU time of its children last, as "0m0.116s 0m0.004s".
const script = `${program} -1 -format QRCode "$@"; times`;

const minutesAndSeconds = /(\d+)m([\d.]+)s\s+(\d+)m([\d.]+)s\s*$/;

function childCpuMs(output: string): number {
  const found = minutesAndSeconds.exec(output);
  if (found === null) return 0;
  const [userMinutes = 0, user = 0, systemMinutes = 0, system = 0] = found.slice(1).map(Number);
  return ((userMinutes + systemMinutes) * 60 + user + system) * 1000;
}

/** A PGM file: the reader's own loader takes it as it is, without decompression. */
const toPgm = ({ data, width, height }: Luminance): Buffer =>
  Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), data]);

async function read(files: readonly string[]): Promise<string> {
  const options = { timeout: timeoutMs, maxBuffer: maxOutputBytes };
  const { stdout } = await run('bash', ['-c', script, 'bash', ...files], options);
  return stdout;
}

// What a process costs before it looks at a frame: the least of a few that read next to nothing.
async function startTimeMs(directory: string): Promise<number> {
  const file = join(directory, 'tiny.pgm');
  await writeFile(file, toPgm({ data: new Uint8Array(64), width: 8, height: 8 }));
  const times: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) times.push(childCpuMs(await read([file])));
  return Math.min(...times);
}

/** ZXing's own command, many frames a process. */
export class NativeReader {
  readonly tally = new Tally();
  readonly #directory: string;
  readonly #startCpuMs: number;
  #batch: Sample[] = [];

  private constructor(directory: string, startCpuMs: number) {
    this.#directory = directory;
    this.#startCpuMs = startCpuMs;
  }

  /** @returns the reason, as a sentence, when the command is not installed. */
  static async start(): Promise<NativeReader | string> {
    const found = await run('bash', ['-c', `command -v ${program}`]).catch(() => undefined);
    if (found === undefined) {
      return `${program} is not installed: it is in Debian's package zxing-cpp-tools.`;
    }
    const directory = await mkdtemp(join(tmpdir(), 'foyer-bench-decode-'));
    return new NativeReader(directory, await startTimeMs(directory));
  }

  /** Takes a frame; a full batch, or one of another kind, is read at once. */
  async add(sample: Sample): Promise<void> {
    const kind = this.#batch[0]?.condition;
    if (kind !== undefined && kind !== sample.condition) await this.flush();
    this.#batch.push(sample);
    if (this.#batch.length >= batchFrames) await this.flush();
  }

  /** Reads what is left. */
  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    const files = batch.map((_, index) => join(this.#directory, `${index}.pgm`));
    await Promise.all(
      batch.map((sample, index) => writeFile(files[index] ?? '', toPgm(sample.picture))),
    );
    const stdout = await read(files);
    const cpuMs = Math.max(0, childCpuMs(stdout) - this.#startCpuMs) / batch.length;
    const lines = stdout.split('\n');
    for (const [index, { condition, text }] of batch.entries()) {
      const own = lines.filter((line) => line.startsWith(`${files[index]} QRCode "`));
      const right = text !== undefined && own.some((line) => line.includes(`"${text}"`));
      if (text === undefined) this.tally.addEmpty(own.length > 0, cpuMs);
      else this.tally.addCode(condition, right, own.length > 0 && !right, cpuMs);
    }
  }

  /** Removes the files. */
  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
