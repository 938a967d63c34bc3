import type { ScreenReport } from '@foyer/contracts';
import type { Clock, Logger, Timer } from '@foyer/platform';

import type { PanelConfig } from '../config.ts';
import type { Deed } from './screen-hands.ts';
import { runCommand } from './run-command.ts';

type Power = ScreenReport['panel'];

interface Panel {
  readonly config: PanelConfig;
  power: Power;
  /** What this program last switched it to. */
  switched: 'on' | 'off' | null;
  /** A person's command, until the wish of the schedule changes. */
  ordered: 'on' | 'off' | null;
  wish: 'on' | 'off' | null;
  timer: Timer | null;
  busy: boolean;
}

export interface PanelOptions {
  readonly panels: readonly PanelConfig[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timeoutMs: number;
  readonly onChange: (screenId: string) => void;
  readonly onFault: (screenId: string, code: string, object: string) => void;
}

/** Reads the power of panels now and again, and switches them: off in standby, on otherwise. */
export class PanelWatch {
  readonly #options: PanelOptions;
  readonly #panels: readonly Panel[];
  #closed = false;

  constructor(options: PanelOptions) {
    this.#options = options;
    this.#panels = options.panels.map((config) => ({
      config,
      power: 'unknown',
      switched: null,
      ordered: null,
      wish: null,
      timer: null,
      busy: false,
    }));
  }

  start(): void {
    for (const panel of this.#panels) void this.#read(panel);
  }

  /** As it was last read; `unknown` where nothing can. */
  power(screenId: string): Power {
    return this.#panelOf(screenId)?.power ?? 'unknown';
  }

  /**
   * What the schedule wants of a panel now; it is switched when that changes.
   * @param isUrgent switch it on although it may be on: nobody knows, and people must see it
   */
  want(screenId: string, wish: 'on' | 'off', isUrgent = false): void {
    const panel = this.#panelOf(screenId);
    if (panel === undefined || panel.wish === wish) return;
    const isFirst = panel.wish === null;
    panel.wish = wish;
    panel.ordered = null;
    // A panel that is on at the start is as it should be; a box must not blink at each restart.
    if (isFirst && wish === 'on' && panel.power !== 'off' && !isUrgent) return;
    void this.#switch(panel, wish);
  }

  /** A person's command. */
  order(screenId: string, to: 'on' | 'off'): Promise<Deed> {
    const panel = this.#panelOf(screenId);
    if (panel === undefined) {
      return Promise.resolve({ ok: false, detail: 'No panel is configured for this screen.' });
    }
    panel.ordered = to;
    return this.#switch(panel, to);
  }

  close(): void {
    this.#closed = true;
    for (const panel of this.#panels) panel.timer?.cancel();
  }

  async #switch(panel: Panel, to: 'on' | 'off'): Promise<Deed> {
    const { onFault, timeoutMs } = this.#options;
    const { screenId, onCommand, offCommand } = panel.config;
    const command = to === 'on' ? onCommand : offCommand;
    if (command === undefined) return { ok: false, detail: `No command switches it ${to}.` };
    panel.switched = to;
    const { ok, detail } = await runCommand(command, timeoutMs);
    if (!ok) onFault(screenId, 'panel-command-failed', to);
    void this.#read(panel);
    return { ok, detail };
  }

  async #read(panel: Panel): Promise<void> {
    const { timeoutMs, logger, onChange } = this.#options;
    const { readCommand, everyS, onPattern, offPattern, screenId } = panel.config;
    if (readCommand === undefined || panel.busy || this.#closed) return;
    panel.busy = true;
    panel.timer?.cancel();
    const { ok, text } = await runCommand(readCommand, timeoutMs);
    panel.busy = false;
    if (this.#closed) return;
    const power: Power = !ok
      ? 'unknown'
      : new RegExp(onPattern).test(text)
        ? 'on'
        : new RegExp(offPattern).test(text)
          ? 'off'
          : 'unknown';
    if (power !== panel.power) {
      logger.info('panel-power', { screenId, power });
      panel.power = power;
      onChange(screenId);
    }
    this.#insist(panel);
    panel.timer = this.#options.clock.setTimer('panel-read', everyS * 1000, () => {
      void this.#read(panel);
    });
  }

  /** Switched off with a remote control: that is a fault, and it is switched on once. */
  #insist(panel: Panel): void {
    const wish = panel.ordered ?? panel.wish;
    if (wish !== 'on' || panel.power !== 'off' || panel.switched === 'on') {
      if (panel.power === 'on') panel.switched = null;
      return;
    }
    this.#options.onFault(panel.config.screenId, 'panel-off', panel.config.screenId);
    void this.#switch(panel, 'on');
  }

  #panelOf(screenId: string): Panel | undefined {
    return this.#panels.find(({ config }) => config.screenId === screenId);
  }
}
