import type { ScreenCommand, ScreenCommandResult } from '@foyer/contracts';
import type { Clock, Logger } from '@foyer/platform';

import type { PageCommandResult } from '../wire.ts';
import type { AgentClient } from './agent-client.ts';
import type { PanelWatch } from './panel-watch.ts';
import type { ScreenDesk } from './screen-desk.ts';
import type { Deed, ScreenHands } from './screen-hands.ts';

/** A command that waited longer, in whichever queue, is not done any more. */
const oldestMs = 300_000;
const pageAnswerMs = 10_000;
const reloadMs = 30_000;
const restartMs = 90_000;
/** Answers that are kept, for commands that come twice. */
const maxAnswers = 100;
const tellAgainMs = 1_000;
/** An answer is told for so long: whoever asked has given up by then. */
const tellTries = 300;

type Answer = Pick<ScreenCommandResult, 'ok' | 'detail' | 'picture'>;

export interface CommandOptions {
  readonly agent: Pick<AgentClient, 'ask'>;
  readonly hands: ScreenHands;
  readonly desk: ScreenDesk;
  readonly panels: PanelWatch;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** Screens of this box. */
  readonly isOurs: (screenId: string) => boolean;
}

/** Does what a person ordered, once, and says how it went. */
export class CommandDesk {
  readonly #options: CommandOptions;
  /** By commandId; the oldest first. */
  readonly #answers = new Map<string, Promise<Answer>>();
  readonly #waiting = new Map<string, (result: PageCommandResult) => void>();
  #closed = false;

  constructor(options: CommandOptions) {
    this.#options = options;
  }

  /** A command came; the same one again is answered again, and not done again. */
  take(command: ScreenCommand): void {
    const { isOurs, desk, logger } = this.#options;
    const { commandId, screenId, kind } = command;
    if (!isOurs(screenId)) return;
    let answer = this.#answers.get(commandId);
    if (answer === undefined) {
      logger.info('command', { screenId, kind, commandId });
      answer = this.#do(command);
      this.#answers.set(commandId, answer);
      desk.commandSeen(screenId, commandId);
      const [oldest] = this.#answers.keys();
      if (this.#answers.size > maxAnswers && oldest !== undefined) this.#answers.delete(oldest);
    }
    void answer.then((told) => this.#tell(command, told));
  }

  /** A page answered. */
  onPageResult(result: PageCommandResult): void {
    this.#waiting.get(result.commandId)?.(result);
  }

  close(): void {
    this.#closed = true;
  }

  async #do(command: ScreenCommand): Promise<Answer> {
    const { hands, desk, panels, nowMs } = this.#options;
    const { screenId, kind, commandId, atMs } = command;
    if (nowMs() - atMs > oldestMs) return no('It came more than five minutes late.');
    if (kind === 'screenshot') return this.#screenshot(screenId, commandId);
    if (kind === 'identify') return this.#askPage(screenId, 'identify', commandId);
    if (kind === 'panel-on' || kind === 'panel-off') {
      return answerOf(await panels.order(screenId, kind === 'panel-on' ? 'on' : 'off'));
    }
    const isReload = kind === 'reload';
    const back = desk.newPage(screenId, isReload ? reloadMs : restartMs);
    const deed = isReload ? await hands.reload(screenId) : await hands.restartBrowser(screenId);
    if (!deed.ok) return answerOf(deed);
    return (await back) ? yes('A new page speaks.') : no('It was done, but no new page spoke.');
  }

  async #screenshot(screenId: string, commandId: string): Promise<Answer> {
    const { picture, detail } = await this.#options.hands.screenshot(screenId);
    if (picture !== null) return { ok: true, detail: 'By the browser.', picture };
    const fromPage = await this.#askPage(screenId, 'screenshot', commandId);
    if (fromPage.picture !== null) {
      return { ...fromPage, detail: `By the page: ${detail}`.slice(0, 200) };
    }
    const last = this.#options.desk.picture(screenId);
    if (last !== null)
      return { ok: true, detail: 'The last small picture of the page.', picture: last };
    return no(`${detail} ${fromPage.detail}`);
  }

  async #askPage(
    screenId: string,
    kind: 'identify' | 'screenshot',
    commandId: string,
  ): Promise<Answer> {
    const { hands, clock } = this.#options;
    const told = hands.tell(screenId, kind, commandId);
    if (!told.ok) return answerOf(told);
    const result = await new Promise<PageCommandResult | null>((resolve) => {
      const timer = clock.setTimer('page-answer', pageAnswerMs, () => resolve(null));
      this.#waiting.set(commandId, (given) => {
        timer.cancel();
        resolve(given);
      });
    });
    this.#waiting.delete(commandId);
    return result ?? no('The page did not answer.');
  }

  async #tell({ commandId, screenId }: ScreenCommand, answer: Answer): Promise<void> {
    const { agent, clock, nowMs, logger } = this.#options;
    const { ok, detail, picture } = answer;
    const body: ScreenCommandResult = {
      commandId,
      screenId,
      ok,
      detail,
      picture,
      atMs: nowMs(),
    };
    for (let tries = 0; tries < tellTries && !this.#closed; tries += 1) {
      const path = `/v1/commands/${commandId}/result`;
      const told = await agent.ask('POST', path, body).catch(() => null);
      if (told !== null && told.status < 500) return;
      await new Promise<void>((resolve) => {
        clock.setTimer('command-answer', tellAgainMs, resolve);
      });
    }
    logger.warn('command-answer-lost', { commandId });
  }
}

const yes = (detail: string): Answer => ({ ok: true, detail, picture: null });
const no = (detail: string): Answer => ({
  ok: false,
  detail: detail.trim().slice(0, 200),
  picture: null,
});
const answerOf = ({ ok, detail }: Deed): Answer => (ok ? yes(detail) : no(detail));
