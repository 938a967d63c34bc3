import type { BoardData, Emergency, Item, LiveView, Programme, Screen } from '@foyer/contracts';

import { boardData, clockText, slotAt, type Slot } from '../domain/schedule/index.ts';
import type { ProgrammeMessage } from '../wire.ts';

const nothingLive: LiveView = {
  admitted: {},
  sold: {},
  waiting: {},
  delays: [],
  emergencies: [],
  gates: [],
};

const mostDecisions = 2000;

/** What this page was told of the house, and what follows from it: the schedule is asked here. */
export class House {
  readonly #screenId: string;
  #message: ProgrammeMessage | null = null;
  #screen: Screen | null = null;
  #live = nothingLive;
  /** ms that the last decisions took, for measurements. */
  readonly decisionsMs: number[] = [];

  constructor(screenId: string) {
    this.#screenId = screenId;
  }

  get programme(): Programme | null {
    return this.#message?.programme ?? null;
  }

  get message(): ProgrammeMessage | null {
    return this.#message;
  }

  get screen(): Screen | null {
    return this.#screen;
  }

  get emergency(): Emergency | null {
    const concerns = ({ active, screens }: Emergency): boolean =>
      active && (screens.length === 0 || screens.includes(this.#screenId));
    return this.#live.emergencies.find((emergency) => concerns(emergency)) ?? null;
  }

  take(message: ProgrammeMessage): void {
    this.#message = message;
    const { screens } = message.programme;
    this.#screen = screens.find(({ screenId }) => screenId === this.#screenId) ?? null;
  }

  setLive(live: LiveView): void {
    this.#live = live;
  }

  /** What is on at a moment; null without a programme. */
  decide(nowMs: number): Slot | null {
    const { programme } = this;
    if (programme === null) return null;
    const beforeMs = performance.now();
    const slot = slotAt(programme, this.#screenId, this.#live, nowMs);
    this.decisionsMs.push(performance.now() - beforeMs);
    if (this.decisionsMs.length > mostDecisions) this.decisionsMs.shift();
    return slot;
  }

  dataOf(item: Item, nowMs: number): BoardData | null {
    const { programme, screen } = this;
    if (programme === null || screen === null) return null;
    return boardData(programme, screen, item, this.#live, nowMs);
  }

  clock(nowMs: number): string {
    const zone = this.programme?.theatre.timeZone;
    return zone === undefined ? '' : clockText(zone, nowMs);
  }
}
