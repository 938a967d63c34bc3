import { nodeClock } from '../node/clock.ts';
import { pinoLogger, type LevelledLogger } from '../node/logger.ts';
import { nodeRandom } from '../node/random.ts';
import type { Environment, LoadedConfig } from '../program/config.ts';
import { runProgram, type RunningProgram } from '../program/run.ts';
import { Component } from './component.ts';
import { nucleusOf } from './environment.ts';
import { loadIpcSdk } from './sdk.ts';

/** A program that serves, and may follow its component. */
export interface RunningComponent<Config> extends RunningProgram {
  /** Takes a changed configuration over as it runs; false: it has to start anew. */
  apply?(next: Config): boolean;
  /** True while an update would disturb people. */
  busy?(): boolean;
  /** It cannot do its work without the nucleus, and begins anew for it even while it is busy. */
  needsNucleus?: boolean;
}

/** A program that runs by itself, and as a component of Greengrass just as well. */
export interface ComponentProgram<Config> {
  /** The component's name, such as `com.foyer.EdgeAgent`. */
  name: string;
  /** @param component the component's configuration, above all others. Throws `config-invalid`. */
  load(env: Environment, component?: unknown): LoadedConfig<Config>;
  start(
    loaded: LoadedConfig<Config>,
    component: Component | null,
  ): Promise<RunningComponent<Config>>;
}

/** BSD's EX_TEMPFAIL: it could not go on, and may be started again at once. */
export const startAgainCode = 75;
const graceMs = 5000;

/** One program under a nucleus, begun anew in the same process where a configuration needs it. */
class ComponentRun<Config> {
  readonly #program: ComponentProgram<Config>;
  readonly #component: Component;
  readonly #logger: LevelledLogger;
  #current: RunningComponent<Config> | null = null;
  #loaded: LoadedConfig<Config>;
  #changing: Promise<void> = Promise.resolve();

  constructor(program: ComponentProgram<Config>, component: Component, logger: LevelledLogger) {
    this.#program = program;
    this.#component = component;
    this.#logger = logger;
    this.#loaded = program.load(process.env, component.configuration);
  }

  async start(): Promise<RunningProgram> {
    this.#current = await this.#program.start(this.#loaded, this.#component);
    this.#component.running({
      configured: (configuration) => this.#queue(() => this.#configure(configuration)),
      busy: () => this.#current?.busy?.() ?? false,
      mayEnd: () => this.#current?.needsNucleus === true || this.#current?.busy?.() === false,
      renew: () => this.#endForRenewal(),
    });
    return { ready: this.#current.ready, close: () => this.#close() };
  }

  #queue(work: () => Promise<void>): void {
    this.#changing = this.#changing.then(work);
  }

  async #configure(configuration: unknown): Promise<void> {
    let next: LoadedConfig<Config>;
    try {
      next = this.#program.load(process.env, configuration);
    } catch (error) {
      this.#logger.error('configuration-refused', { reason: String(error) });
      return;
    }
    const before = this.#loaded;
    this.#loaded = next;
    if (this.#current?.apply?.(next.config) === true) {
      this.#logger.info('configuration-applied', {});
      return;
    }
    this.#logger.info('configuration-needs-restart', {});
    await this.#current?.close();
    this.#current = await this.#begin(next, before);
  }

  /** Under the new configuration, or under the one of before where that one does not work. */
  async #begin(next: LoadedConfig<Config>, before: LoadedConfig<Config>) {
    try {
      return await this.#program.start(next, this.#component);
    } catch (error) {
      this.#logger.error('configuration-does-not-work', { reason: String(error) });
      this.#loaded = before;
      return this.#program.start(before, this.#component);
    }
  }

  async #close(): Promise<void> {
    await this.#changing;
    await this.#current?.close();
    this.#component.close();
  }

  #endForRenewal(): void {
    this.#logger.error('token-refused', { next: 'this program ends, to be started anew' });
    setTimeout(() => process.exit(startAgainCode), graceMs).unref();
    this.#close().then(
      () => process.exit(startAgainCode),
      () => process.exit(startAgainCode),
    );
  }
}

async function startUnderNucleus<Config>(
  program: ComponentProgram<Config>,
  address: NonNullable<ReturnType<typeof nucleusOf>>,
): Promise<RunningProgram> {
  const logger = pinoLogger({ node: program.name });
  const component = await Component.start({
    ...address,
    sdk: await loadIpcSdk(),
    clock: nodeClock(),
    random: nodeRandom(),
    logger,
    name: program.name,
    workDir: process.cwd(),
  });
  try {
    return await new ComponentRun(program, component, logger).start();
  } catch (error) {
    component.close();
    throw error;
  }
}

/**
 * Runs a program as `runProgram` does: by itself where no nucleus started it, and then without the
 * AWS SDK; else as its component, which follows the nucleus's configuration, says that it runs,
 * asks updates to wait while it is busy, and ends with 75 where only a new start helps.
 */
export function runComponent<Config>(program: ComponentProgram<Config>): void {
  runProgram(async () => {
    const address = nucleusOf(process.env);
    if (address === null) return program.start(program.load(process.env), null);
    return startUnderNucleus(program, address);
  });
}
