import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { playSchema, playsResultSchema } from '@foyer/contracts';
import type { Play } from '@foyer/contracts';
import { backoffMs, lanBackoff } from '@foyer/platform';
import type { Clock, Logger, Random, Timer } from '@foyer/platform';

import type { AgentClient } from './agent-client.ts';

/** A day of six screens, ten seconds an item, start and end; 40 MB at the most. */
const maxPlays = 100_000;
/** As many as the agent takes at once. */
const batchPlays = 200;

export interface PlaySpoolOptions {
  readonly path: string;
  readonly agent: Pick<AgentClient, 'ask'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly onFault: (code: string, object: string) => void;
}

/**
 * Plays on their way to the agent. A page may forget a play once `add` took it: it is on the disk
 * by then, and is told to the agent until that has it, over restarts of both.
 */
export class PlaySpool {
  readonly #options: PlaySpoolOptions;
  readonly #waiting: Play[] = [];
  #file = -1;
  #timer: Timer | null = null;
  #sending = false;
  #failures = 0;
  /** So many of the next are sent singly: one among them was refused. */
  #oneByOne = 0;
  #closed = false;

  private constructor(options: PlaySpoolOptions) {
    this.#options = options;
  }

  /** Opens the file and goes on with what it holds; a line that was torn by a power cut is lost. */
  static async open(options: PlaySpoolOptions): Promise<PlaySpool> {
    const spool = new PlaySpool(options);
    mkdirSync(dirname(options.path), { recursive: true });
    const text = await readFile(options.path, 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      const play = parseLine(line);
      if (play !== null) spool.#waiting.push(play);
    }
    spool.#file = openSync(options.path, 'a', 0o600);
    // What follows a torn line must begin a line of its own.
    if (text !== '' && !text.endsWith('\n')) writeSync(spool.#file, '\n');
    spool.#send();
    return spool;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes plays over. @returns false when it cannot: full, or the disk is; the page keeps them. */
  add(plays: readonly Play[]): boolean {
    const { logger, onFault } = this.#options;
    if (this.#waiting.length + plays.length > maxPlays) {
      onFault('plays-queue-full', 'agent');
      return false;
    }
    try {
      writeSync(this.#file, plays.map((play) => `${JSON.stringify(play)}\n`).join(''));
      fsyncSync(this.#file);
    } catch (error) {
      logger.warn('plays-not-kept', { message: String(error) });
      onFault('plays-not-kept', 'disk');
      return false;
    }
    this.#waiting.push(...plays);
    this.#send();
    return true;
  }

  /** The agent answers again: no need to wait. */
  poke(): void {
    if (this.#timer === null) return;
    this.#timer.cancel();
    this.#timer = null;
    this.#send();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    closeSync(this.#file);
  }

  #send(): void {
    if (this.#sending || this.#closed || this.#timer !== null || this.#waiting.length === 0) return;
    this.#sending = true;
    void this.#sendBatch().finally(() => {
      this.#sending = false;
      this.#send();
    });
  }

  async #sendBatch(): Promise<void> {
    const { agent, clock, random, logger, onFault } = this.#options;
    const plays = this.#waiting.slice(0, this.#oneByOne > 0 ? 1 : batchPlays);
    const answer = await agent.ask('POST', '/v1/plays', { plays }).catch(() => null);
    if (this.#closed) return;
    // 404: all of them are of screens that were never this box's.
    if (answer?.status === 404 || playsResultSchema.safeParse(answer?.body).success) {
      this.#failures = 0;
      this.#forget(plays.length);
      return;
    }
    // An agent that cannot read a play will never read it: it must not block those behind it.
    if (answer?.status === 400 && plays.length > 1) {
      this.#oneByOne = plays.length;
      return;
    }
    if (answer?.status === 400) {
      logger.error('plays-refused', { plays: plays.length });
      onFault('plays-refused', plays[0]?.itemId ?? '');
      this.#forget(plays.length);
      return;
    }
    this.#failures += 1;
    const delayMs = 100 + backoffMs(this.#failures, lanBackoff, random);
    this.#timer = clock.setTimer('plays-again', delayMs, () => {
      this.#timer = null;
      this.#send();
    });
  }

  /** The file is emptied when the last one was told; what is told twice is known to the agent. */
  #forget(count: number): void {
    this.#oneByOne = Math.max(0, this.#oneByOne - count);
    this.#waiting.splice(0, count);
    if (this.#waiting.length > 0) return;
    try {
      ftruncateSync(this.#file, 0);
    } catch (error) {
      this.#options.logger.warn('plays-not-cut', { message: String(error) });
    }
  }
}

function parseLine(line: string): Play | null {
  if (line === '') return null;
  try {
    return playSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
