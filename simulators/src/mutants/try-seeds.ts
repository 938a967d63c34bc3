import { fork } from 'node:child_process';

import { seedNewsSchema, type SeedNews } from './news.ts';

/** How a program did on a list of seeds. */
export interface SeedsTried {
  /** Seeds that ended. */
  seeds: number;
  /** Each seed that broke a law, ended the process or hung; the first one ends it, usually. */
  caught: Caught[];
}

export interface Caught {
  seed: number;
  /** The law that was broken first; `crash` and `hang` are of the process. */
  law: string;
  detail: string;
}

export interface TryOptions {
  file: string;
  seeds: readonly number[];
  /** No seed takes longer than this, ms. */
  hangMs: number;
  /** Goes on after a seed that broke a law. */
  all?: boolean;
}

const maxHeapMb = 512;
/** A process that has not begun by then never will, ms; a busy machine takes its time. */
const startMs = 120_000;
const keptErrorBytes = 2000;

/**
 * Runs seeds in a process of its own, which ends with the call.
 * Rejects where the process ends before it ran anything: then it says nothing about a seed.
 */
export function trySeeds(options: TryOptions): Promise<SeedsTried> {
  const { file, seeds, hangMs, all = false } = options;
  return new Promise((resolve, reject) => {
    const child = fork(file, [seeds.join(','), ...(all ? ['--all'] : [])], {
      execArgv: [`--max-old-space-size=${maxHeapMb}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const tried: SeedsTried = { seeds: 0, caught: [] };
    let ready = false;
    let hung = false;
    let errors = '';
    let timer: NodeJS.Timeout | undefined;
    const watch = (patienceMs: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, patienceMs);
    };
    const heard = (news: SeedNews): void => {
      watch(hangMs);
      if (news.kind === 'ready') ready = true;
      else {
        tried.seeds += 1;
        const [law] = news.laws;
        if (law !== undefined) tried.caught.push({ seed: news.seed, law, detail: news.detail });
      }
    };
    const ended = (code: number | null): void => {
      clearTimeout(timer);
      const seed = seeds[tried.seeds];
      const failed = hung || code !== 0;
      if (failed && !ready) {
        reject(new Error(`${file} ended before its first seed: ${errors}`));
        return;
      }
      if (failed && seed !== undefined) {
        tried.caught.push({ seed, law: hung ? 'hang' : 'crash', detail: errors });
        tried.seeds += 1;
      }
      resolve(tried);
    };
    watch(startMs);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-keptErrorBytes);
    });
    child.on('message', (message) => heard(seedNewsSchema.parse(message)));
    child.on('error', reject);
    child.on('close', ended);
  });
}
