import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import { FoyerError } from '@foyer/contracts';
import { endWithInput } from '@foyer/platform/program';

const readySchema = z.looseObject({
  ready: z.literal(true),
  port: z.int().min(0).max(65_535).optional(),
  meshPort: z.int().min(1).max(65_535).optional(),
});

/** What a program said when it began to serve. */
export type Ready = z.infer<typeof readySchema>;

// Small steps of the heap: an agent that took in 100,000 tickets has 119 MB instead of 148.
const nodeFlags = ['--max-semi-space-size=2', '--heap-growing-percent=20'];

const readyTimeoutMs = 60_000;
const stopGraceMs = 6_000;

/** A command as a nucleus runs it. */
export interface Launch {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What to run. */
export interface ProgramPlan {
  readonly name: string;
  /** The file that node runs. */
  readonly file: string;
  /** Where the configuration and the log go. */
  readonly dir: string;
  /** A command that becomes it, such as `ip netns exec NAME`. */
  readonly through?: readonly string[];
  /** Says how to start it with a configuration, where that is not plain node. */
  readonly launch?: ((config: object) => Promise<Launch>) | undefined;
  /** Called for each line on stdout after the ready line. */
  readonly onLine?: (line: string) => void;
  /** Called when the process ends although nobody asked it to. */
  readonly onDeath?: (detail: string) => void;
}

/** Process ids that must not outlive this process, whatever ends it. */
const living = new Set<ChildProcess>();

/** How many programs that were started here run now. */
export const runningPrograms = (): number => living.size;

process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** One process of the theatre: started from a bundle, killed, started again, stopped. */
export class Program {
  readonly #plan: ProgramPlan;
  #child: ChildProcess | undefined;
  #wanted = false;

  constructor(plan: ProgramPlan) {
    this.#plan = plan;
  }

  get name(): string {
    return this.#plan.name;
  }

  get logFile(): string {
    return join(this.#plan.dir, `${this.name}.log`);
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the program with this configuration and waits until it serves.
   * @throws FoyerError `timeout` when it ends or is silent for 60 s; the message has its last
   * words.
   */
  async start(config: object): Promise<Ready> {
    const { words, env, cwd } = (await this.#plan.launch?.(config)) ?? this.#plainly(config);
    const log = createWriteStream(this.logFile, { flags: 'a' });
    this.#wanted = true;
    const [command = process.execPath, ...args] = words;
    const child = spawn(command, args, {
      env: { ...withoutSettings(process.env), ...env, [endWithInput]: '1' },
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      // A Ctrl-C at the terminal is for the supervisor, which ends the others in order.
      detached: true,
    });
    this.#child = child;
    living.add(child);
    child.stdin.on('error', () => undefined);
    child.stderr.pipe(log);
    child.on('exit', (code, signal) => this.#ended(child, signal ?? `code ${code}`));
    try {
      return await this.#untilReady(child);
    } catch (error) {
      this.#wanted = false;
      child.kill('SIGKILL');
      throw error;
    }
  }

  #plainly(config: object): Launch {
    const configFile = join(this.#plan.dir, `${this.name}.json`);
    writeFileSync(configFile, JSON.stringify(config, null, 2), { mode: 0o600 });
    const words = [...(this.#plan.through ?? []), process.execPath, ...nodeFlags, this.#plan.file];
    return { words, env: { FOYER_CONFIG: configFile }, cwd: process.cwd() };
  }

  /** A line for the program's standard input. */
  say(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }

  /** From now on it may end by itself: its work is done. */
  release(): void {
    this.#wanted = false;
  }

  /** kill -9, as a power cut or the kernel would; resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks it to end, and kills it when it does not within 6 s. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#wanted = false;
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
    await gone;
    clearTimeout(force);
  }

  #ended(child: ChildProcess, how: string): void {
    living.delete(child);
    if (this.#child === child) this.#child = undefined;
    if (this.#wanted) this.#plan.onDeath?.(how);
  }

  #untilReady(child: ChildProcess): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const fail = (what: string): void => {
        clearTimeout(timer);
        void this.#lastWords().then((words) => {
          reject(
            new FoyerError('timeout', `${this.name} ${what}.${words}`, {
              whatToDo: `Read its log: ${this.logFile}.`,
            }),
          );
        });
      };
      const timer = setTimeout(() => fail('did not serve within 60 s'), readyTimeoutMs);
      child.once('exit', (code, signal) =>
        fail(`ended at its start (${signal ?? `code ${code}`})`),
      );
      child.once('error', (error) => fail(`could not be started: ${error.message}`));
      if (child.stdout === null) return;
      let ready = false;
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (ready) {
          this.#plan.onLine?.(line);
          return;
        }
        const parsed = readySchema.safeParse(parseJson(line));
        if (!parsed.success) return;
        ready = true;
        clearTimeout(timer);
        resolve(parsed.data);
      });
    });
  }

  async #lastWords(): Promise<string> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    const lines = log.trim().split('\n').slice(-3).join(' | ').slice(-600);
    return lines === '' ? '' : ` Its last words: ${lines}`;
  }
}

// A setting of this shell would override the configuration of every program alike.
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FOYER_')));
}

/** The JSON of a line, or undefined. */
export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
