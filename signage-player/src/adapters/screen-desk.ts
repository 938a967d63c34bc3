import { join } from 'node:path';

import { screenReportSchema } from '@foyer/contracts';
import type { Programme, ScreenReport } from '@foyer/contracts';
import type { Clock, Logger, Timer } from '@foyer/platform';
import { z } from 'zod';

import type { PlayerConfig } from '../config.ts';
import { addFault, addPage, nothingBefore, reportOf } from '../domain/screen-report.ts';
import type { Before, Fault } from '../domain/screen-report.ts';
import { excuse, feel, noVitals, troubleOf } from '../domain/vitals.ts';
import type { Vitals } from '../domain/vitals.ts';
import { calmState, rungs, watch } from '../domain/watchdog.ts';
import type { Rung, Trouble, WatchState } from '../domain/watchdog.ts';
import type { Pulse } from '../wire.ts';
import type { AgentClient } from './agent-client.ts';
import type { ScreenHands } from './screen-hands.ts';
import { StateFile } from './state-file.ts';

/** A box has a few displays; pages of more screens than this are not watched. */
const maxScreens = 32;
const reportEveryMs = 1_000;
/** A change is told after this, so that what changes together is told together. */
const reportSoonMs = 20;
/** A tick that is later than this says that the box is starved of time, or was asleep. */
const lateLimitMs = 1_000;

const watchStateSchema: z.ZodType<WatchState> = z.object({
  trouble: z.enum(['page-silent', 'playback-stalled', 'display-differs']).nullable(),
  rung: z.int().min(-1).max(rungs.length),
  restUntilMs: z.number(),
  wellSinceMs: z.number().nullable(),
  steps: z.array(z.object({ rung: z.enum(rungs), atMs: z.number() })).max(200),
  gaveUpAtMs: z.number(),
});
const keptSchema = z.record(
  z.string(),
  z.object({ watch: watchStateSchema, faults: screenReportSchema.shape.faults }),
);

interface Desk {
  readonly screenId: string;
  vitals: Vitals;
  watch: WatchState;
  faults: readonly Fault[];
  before: Before;
  pulse: Pulse | null;
  picture: string | null;
  lastCommandId: string | null;
  soon: Timer | null;
  sending: boolean;
  picturing: boolean;
  sendAgain: boolean;
  /** Called at the first pulse of a page that was not there before. */
  onNewPage: (() => void)[];
}

export interface DeskOptions {
  readonly dataDir: string;
  readonly watch: PlayerConfig['watch'];
  readonly agent: Pick<AgentClient, 'ask'>;
  readonly hands: ScreenHands;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The agent's time. */
  readonly nowMs: () => number;
  readonly programme: () => Programme | null;
  readonly fetchingHash: () => string | null;
  readonly cache: () => ScreenReport['cache'];
  readonly panel: (screenId: string) => ScreenReport['panel'];
  /** A page could not play a file. */
  readonly onUnplayable: (sha256: string) => void;
}

/** What is known of each screen of this box: pulses in, reports out, and the watchdog between. */
export class ScreenDesk {
  readonly #options: DeskOptions;
  readonly #desks = new Map<string, Desk>();
  readonly #file: StateFile<z.infer<typeof keptSchema>>;
  #kept: z.infer<typeof keptSchema> = {};
  #timer: Timer | null = null;
  #closed = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#file = new StateFile(
      join(options.dataDir, 'state', 'watchdog.json'),
      keptSchema,
      (error) => options.logger.warn('watchdog-not-kept', { message: String(error) }),
    );
  }

  async start(): Promise<void> {
    this.#kept = (await this.#file.read()) ?? {};
    this.#arm();
  }

  /** The screens that are driven from here, from now on. */
  see(screenIds: Iterable<string>): void {
    for (const screenId of screenIds) this.#desk(screenId);
  }

  /** A page says what it does. */
  take(screenId: string, pulse: Pulse): void {
    const desk = this.#desk(screenId);
    if (desk === null) return;
    const isNew = desk.pulse?.pageId !== pulse.pageId;
    const hasChanged = isNew || changed(desk.pulse, pulse);
    desk.vitals = feel(desk.vitals, pulse, this.#options.clock.monotonicMs());
    desk.before = addPage(desk.before, pulse);
    desk.pulse = pulse;
    for (const fault of pulse.faults) {
      this.#note(desk, fault);
      if (fault.code === 'media-unplayable') this.#options.onUnplayable(fault.object);
    }
    if (pulse.picture !== null) {
      desk.picture = pulse.picture;
      void this.#sendPicture(desk, pulse.picture, pulse.atMs);
    }
    if (isNew) for (const tell of desk.onNewPage.splice(0)) tell();
    if (hasChanged) this.tellSoon(screenId);
  }

  /** A fault of a screen, or of the whole box. */
  fault(code: string, object: string, screenId?: string, rung: Fault['rung'] = 'none'): void {
    this.#options.logger.warn('fault', { code, object, screenId, rung });
    const atMs = this.#options.nowMs();
    for (const desk of this.#desks.values()) {
      if (screenId === undefined || desk.screenId === screenId) {
        this.#note(desk, { code, object, rung, atMs });
      }
    }
    this.#keep();
  }

  /** The page's own last small picture. */
  picture(screenId: string): string | null {
    return this.#desks.get(screenId)?.picture ?? null;
  }

  commandSeen(screenId: string, commandId: string): void {
    const desk = this.#desk(screenId);
    if (desk !== null) desk.lastCommandId = commandId;
    this.tellSoon(screenId);
  }

  /** Resolves true when a page that is not there now has spoken, false after `withinMs`. */
  newPage(screenId: string, withinMs: number): Promise<boolean> {
    const desk = this.#desk(screenId);
    if (desk === null) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimer('new-page', withinMs, () => resolve(false));
      desk.onNewPage.push(() => {
        timer.cancel();
        resolve(true);
      });
    });
  }

  report(screenId: string): ScreenReport | null {
    const desk = this.#desks.get(screenId);
    if (desk === undefined) return null;
    const { clock, nowMs, programme, fetchingHash, cache, panel } = this.#options;
    const { pulse, before, faults, lastCommandId, vitals } = desk;
    return reportOf({
      screenId,
      nowMs: nowMs(),
      programme: programme(),
      fetchingHash: fetchingHash(),
      pulse,
      pulseAgeMs: vitals.pulseMs === null ? null : clock.monotonicMs() - vitals.pulseMs,
      before,
      panel: panel(screenId),
      cache: cache(),
      faults,
      lastCommandId,
    });
  }

  reports(): ScreenReport[] {
    return [...this.#desks.keys()].flatMap((screenId) => this.report(screenId) ?? []);
  }

  /** Tells the agent of this screen in a moment. */
  tellSoon(screenId: string): void {
    const desk = this.#desks.get(screenId);
    if (desk === undefined || this.#closed) return;
    desk.soon ??= this.#options.clock.setTimer('report-soon', reportSoonMs, () => {
      desk.soon = null;
      void this.#send(desk);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    for (const desk of this.#desks.values()) desk.soon?.cancel();
    await this.#file.flush();
  }

  #desk(screenId: string): Desk | null {
    const known = this.#desks.get(screenId);
    if (known !== undefined) return known;
    if (this.#desks.size >= maxScreens) return null;
    const kept = this.#kept[screenId];
    const desk: Desk = {
      screenId,
      vitals: noVitals(this.#options.clock.monotonicMs()),
      watch: kept?.watch ?? calmState,
      faults: kept?.faults ?? [],
      before: nothingBefore,
      pulse: null,
      picture: null,
      lastCommandId: null,
      soon: null,
      sending: false,
      picturing: false,
      sendAgain: false,
      onNewPage: [],
    };
    this.#desks.set(screenId, desk);
    return desk;
  }

  #arm(): void {
    const { clock } = this.#options;
    const dueMs = clock.monotonicMs() + reportEveryMs;
    this.#timer = clock.setTimer('screens', reportEveryMs, () => {
      const lateMs = clock.monotonicMs() - dueMs;
      if (lateMs > lateLimitMs) {
        for (const desk of this.#desks.values()) desk.vitals = excuse(desk.vitals, lateMs);
      }
      for (const desk of this.#desks.values()) {
        this.#watch(desk);
        this.tellSoon(desk.screenId);
      }
      this.#arm();
    });
  }

  #watch(desk: Desk): void {
    const { clock, hands, nowMs, watch: limits } = this.#options;
    const { screenId } = desk;
    const trouble = troubleOf(desk.vitals, clock.monotonicMs(), limits);
    const able = trouble === null ? new Set<Rung>() : hands.able(screenId);
    const heard = desk.vitals.pulseMs !== null;
    const { state, step } = watch(desk.watch, { nowMs: nowMs(), trouble, heard, able });
    desk.watch = state;
    if (step === null || trouble === null) return;
    const item = desk.pulse?.playing?.itemId ?? '';
    this.fault(trouble, item, screenId, step === 'none-left' ? 'none' : step);
    if (step !== 'none-left') void this.#step(desk, step, trouble);
  }

  async #step(desk: Desk, rung: Rung, trouble: Trouble): Promise<void> {
    const { ok, detail } = await this.#options.hands.step(rung, desk.screenId);
    this.#options.logger.warn('watchdog-step', {
      screenId: desk.screenId,
      trouble,
      rung,
      ok,
      detail,
    });
  }

  #note(desk: Desk, fault: Fault): void {
    const faults = addFault(desk.faults, fault);
    if (faults === desk.faults) return;
    desk.faults = faults;
    this.tellSoon(desk.screenId);
  }

  #keep(): void {
    this.#kept = Object.fromEntries(
      [...this.#desks].map(([id, { watch: state, faults }]) => [
        id,
        { watch: { ...state, steps: [...state.steps] }, faults: [...faults] },
      ]),
    );
    this.#file.write(this.#kept);
  }

  async #send(desk: Desk): Promise<void> {
    desk.sendAgain = desk.sending;
    if (desk.sending) return;
    desk.sending = true;
    do {
      desk.sendAgain = false;
      const path = `/v1/screens/${desk.screenId}/report`;
      // What an agent that is away misses is told anew within a second.
      await this.#options.agent.ask('PUT', path, this.report(desk.screenId)).catch(() => null);
    } while (desk.sendAgain as boolean);
    desk.sending = false;
  }

  /** One at a time; the next is two seconds away. */
  async #sendPicture(desk: Desk, picture: string, atMs: number): Promise<void> {
    if (desk.picturing) return;
    desk.picturing = true;
    const path = `/v1/screens/${desk.screenId}/picture`;
    await this.#options.agent.ask('PUT', path, { picture, atMs }).catch(() => null);
    desk.picturing = false;
  }
}

/** What is worth telling at once; the rest goes with the next second's report. */
function changed(before: Pulse | null, pulse: Pulse): boolean {
  return (
    before === null ||
    before.emergencyId !== pulse.emergencyId ||
    before.mode !== pulse.mode ||
    before.programmeHash !== pulse.programmeHash ||
    before.playing?.itemId !== pulse.playing?.itemId ||
    before.playing?.sinceMs !== pulse.playing?.sinceMs ||
    before.display !== pulse.display ||
    pulse.faults.length > 0
  );
}
