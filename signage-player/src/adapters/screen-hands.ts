import type { Clock, Logger, Random } from '@foyer/platform';

import type { BrowserConfig } from '../config.ts';
import type { Rung } from '../domain/watchdog.ts';
import type { PageCommand } from '../wire.ts';
import { DevTools } from './devtools.ts';
import type { Picture } from './devtools.ts';
import type { PageStreams } from './page-streams.ts';
import { runCommand } from './run-command.ts';

/** What was done, or why not. */
export interface Deed {
  readonly ok: boolean;
  readonly detail: string;
}

/** A browser that was started anew is left alone for so long, whichever screen asks. */
const browserRestMs = 30_000;

const done = (detail = ''): Deed => ({ ok: true, detail });
const failed = (error: unknown): Deed => ({
  ok: false,
  detail: (error instanceof Error ? error.message : String(error)).slice(0, 200),
});

/** One browser of the box as the hands know it. */
interface Browser {
  readonly config: BrowserConfig;
  readonly tools: DevTools | null;
  restartedMs: number;
}

export interface HandsOptions {
  readonly browsers: readonly BrowserConfig[];
  readonly streams: () => PageStreams;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly commandTimeoutMs: number;
}

/** All that can be done to a screen: through its page, its browser or its output. */
export class ScreenHands {
  readonly #options: HandsOptions;
  readonly #browsers: readonly Browser[];

  constructor(options: HandsOptions) {
    this.#options = options;
    this.#browsers = options.browsers.map((config) => ({
      config,
      tools: config.debugUrl === undefined ? null : new DevTools(config.debugUrl),
      restartedMs: Number.NEGATIVE_INFINITY,
    }));
  }

  /** What the watchdog could do for this screen now. */
  able(screenId: string): ReadonlySet<Rung> {
    const able = new Set<Rung>();
    const listens = this.#options.streams().listens(screenId);
    const browser = this.#browserOf(screenId);
    if (listens) able.add('skip');
    if (listens || browser?.tools) able.add('reload');
    if (browser?.tools || browser?.config.restartCommand) able.add('restart-browser');
    if (browser?.config.outputCommand) able.add('restart-output');
    return able;
  }

  /** Steps on a rung of the watchdog. */
  step(rung: Rung, screenId: string): Promise<Deed> {
    if (rung === 'skip') return Promise.resolve(this.tell(screenId, 'skip'));
    if (rung === 'reload') return this.reload(screenId);
    if (rung === 'restart-browser') return this.restartBrowser(screenId);
    return this.#restartOutput(screenId);
  }

  /** Tells the page of a screen something. */
  tell(screenId: string, kind: PageCommand['kind'], commandId?: string): Deed {
    const command: PageCommand = { commandId: commandId ?? this.#options.random.uuid(), kind };
    return this.#options.streams().command(JSON.stringify(command), screenId)
      ? done()
      : { ok: false, detail: 'No page of this screen listens.' };
  }

  /** Through the browser where that can be: a page that hangs hears no order. */
  async reload(screenId: string): Promise<Deed> {
    const tools = this.#browserOf(screenId)?.tools;
    if (!tools) return this.tell(screenId, 'reload');
    try {
      await tools.reload(screenId);
      return done();
    } catch (error) {
      const told = this.tell(screenId, 'reload');
      return told.ok ? told : failed(error);
    }
  }

  async restartBrowser(screenId: string): Promise<Deed> {
    const browser = this.#browserOf(screenId);
    if (browser === undefined) return { ok: false, detail: 'No browser is configured.' };
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - browser.restartedMs < browserRestMs) return done('It was started anew just now.');
    browser.restartedMs = nowMs;
    const { restartCommand } = browser.config;
    if (restartCommand !== undefined) return this.#run(restartCommand);
    if (browser.tools === null) return { ok: false, detail: 'No way to end it is configured.' };
    try {
      await browser.tools.end();
      return done();
    } catch (error) {
      return failed(error);
    }
  }

  async #restartOutput(screenId: string): Promise<Deed> {
    const command = this.#browserOf(screenId)?.config.outputCommand;
    return command === undefined
      ? { ok: false, detail: 'No command for the output is configured.' }
      : this.#run(command);
  }

  /** What the glass is given, or why it cannot be told. */
  async screenshot(screenId: string): Promise<{ picture: Picture | null; detail: string }> {
    const tools = this.#browserOf(screenId)?.tools;
    if (!tools) return { picture: null, detail: 'No debugUrl is configured for its browser.' };
    try {
      return { picture: await tools.screenshot(screenId), detail: '' };
    } catch (error) {
      return { picture: null, detail: failed(error).detail };
    }
  }

  async #run(command: readonly string[]): Promise<Deed> {
    const { ok, detail } = await runCommand(command, this.#options.commandTimeoutMs);
    if (!ok) this.#options.logger.warn('command-failed', { command: command[0], detail });
    return { ok, detail };
  }

  #browserOf(screenId: string): Browser | undefined {
    return this.#browsers.find(
      ({ config }) => config.screens.length === 0 || config.screens.includes(screenId),
    );
  }
}
