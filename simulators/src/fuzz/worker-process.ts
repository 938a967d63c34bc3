import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

import type { FromWorker, ToWorker } from './messages.ts';

/** How a worker's work ended. */
export type Ending =
  | { kind: 'done' }
  /** It said nothing for too long and was killed. */
  | { kind: 'silent' }
  /** The process ended; `killed`: by SIGKILL, which nothing in it sends. */
  | { kind: 'died'; detail: string; killed: boolean }
  /** The listener asked for the end. */
  | { kind: 'stopped' };

const heapMiB = 384;
const lookEveryMs = 50;
const keptErrorChars = 6000;
/** A worker that does not even work is waited for this much longer. */
const patience = 6;
/** Of /proc, on every Linux that Node runs on. */
const clockTicksPerS = 100;

/** Processor time of a process in milliseconds; null where the system does not tell. */
function processorMs(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / clockTicksPerS;
  } catch {
    return null;
  }
}

/** One worker process: a heap with a bound, and a watch over it from outside. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  readonly #ready: Promise<void>;
  #words = '';
  #heardMs = performance.now();
  #heardWorkMs = 0;
  #onMessage: (message: FromWorker) => void = () => {};
  #stopLooking: () => void = () => {};

  /** @param file the worker's bundle. */
  constructor(file: string) {
    this.#child = fork(file, [], {
      execArgv: [`--max-old-space-size=${heapMiB}`, '--stack-trace-limit=30'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#words = (this.#words + bytes.toString()).slice(-keptErrorChars);
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        resolve(signal === null ? `It ended with code ${code}.` : `It ended with ${signal}.`);
      });
    });
    this.#ready = new Promise((resolve) => {
      this.#child.on('message', (message: FromWorker) => {
        this.#hear();
        if (message.kind === 'ready') resolve();
        else this.#onMessage(message);
      });
    });
  }

  /** Resolves once it takes requests, or is dead already. */
  async ready(): Promise<void> {
    await Promise.race([this.#ready, this.#exited]);
  }

  /**
   * Sends one request and hands on what comes, until `onMessage` answers `done` or `stop`, the
   * process dies, or it is silent for `silentMs` of its own processor time (a busy machine is no
   * fault of an input), or six times as long without working. After anything but `done` it no
   * longer runs.
   */
  async request(
    request: ToWorker,
    silentMs: number,
    onMessage: (message: FromWorker) => 'go on' | 'done' | 'stop',
  ): Promise<Ending> {
    await this.ready();
    this.#hear();
    const ending = new Promise<Ending>((resolve) => {
      this.#onMessage = (message) => {
        const wish = onMessage(message);
        if (wish === 'go on') return;
        // What it says from now on is of inputs that have nothing to do with how it ended.
        this.#onMessage = () => {};
        resolve({ kind: wish === 'done' ? 'done' : 'stopped' });
      };
      void this.#exited.then((how) => {
        const killed = this.#child.signalCode === 'SIGKILL';
        resolve({ kind: 'died', detail: this.#lastWords(how), killed });
      });
      const look = setInterval(() => {
        if (this.#isSilent(silentMs)) resolve({ kind: 'silent' });
      }, lookEveryMs);
      void this.#exited.then(() => clearInterval(look));
      this.#stopLooking = () => clearInterval(look);
    });
    if (this.#child.connected) this.#child.send(request, () => {});
    const ended = await ending;
    this.#stopLooking();
    this.#onMessage = () => {};
    if (ended.kind !== 'done') await this.end();
    return ended;
  }

  #hear(): void {
    this.#heardMs = performance.now();
    this.#heardWorkMs = processorMs(this.#child.pid) ?? 0;
  }

  #isSilent(silentMs: number): boolean {
    const waitedMs = performance.now() - this.#heardMs;
    const workMs = processorMs(this.#child.pid);
    if (waitedMs > silentMs * patience) return true;
    return (workMs === null ? waitedMs : workMs - this.#heardWorkMs) > silentMs;
  }

  /** Kills the process and waits until it is gone. Idempotent. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
    }
    await this.#exited;
  }

  #lastWords(how: string): string {
    const heap = /FATAL ERROR: .*/.exec(this.#words)?.[0];
    return [how, heap ?? this.#words.trim()].join('\n').trim();
  }
}
