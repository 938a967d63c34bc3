import type { EventStore } from '@foyer/cloud-sync/engine';
import {
  FoyerError,
  screenFaultEventSchema,
  screenPictureSchema,
  screenReportSchema,
  type FeedRow,
  type LiveState,
  type NodeId,
  type ScreenId,
  type ScreenPicture,
  type ScreenReport,
  type ScreenState,
} from '@foyer/contracts';
import type { Clock, Journal, Logger } from '@foyer/platform';
import type { z } from 'zod';
import type { ScreenStore } from '../../adapters/signage/screen-store.ts';
import type { LiveValues } from '../live-gossip.ts';
import { withRoom } from './with-room.ts';

export interface ScreensDeps {
  node: NodeId;
  store: ScreenStore;
  journal: Journal;
  events: Pick<EventStore, 'append'>;
  clock: Clock;
  logger: Logger;
  rows: () => readonly FeedRow<'screen'>[];
  state: (node: NodeId, topic: string) => LiveState | null;
}

const topicOf = (screenId: ScreenId): string => `screen/${screenId}`;
const pictureOf = (screenId: ScreenId): string => `screen/${screenId}/picture`;
/** Live values of a node are bounded, and so are the displays that one box can drive. */
const maxScreens = 12;

/** What the screens of the theatre say of themselves; those of this box say it here. */
export class Screens {
  readonly #deps: ScreensDeps;
  readonly #reports = new Map<ScreenId, ScreenReport>();
  readonly #pictures = new Map<ScreenId, ScreenPicture>();

  constructor(deps: ScreensDeps) {
    this.#deps = deps;
  }

  row(screenId: ScreenId): FeedRow<'screen'> | null {
    return this.#deps.rows().find((row) => row.screenId === screenId) ?? null;
  }

  /** Whether a screen is, or ever was, one of this box. */
  isOurs(screenId: ScreenId): boolean {
    return this.row(screenId)?.nodeId === this.#deps.node || this.#deps.store.isKnown(screenId);
  }

  /** Throws FoyerError `not-found` for a screen that is not this box's. */
  report(screenId: ScreenId, report: ScreenReport): { atMs: number } {
    this.#own(screenId);
    if (report.screenId !== screenId) {
      throw new FoyerError('bad-request', `The report is of ${report.screenId}.`);
    }
    this.#reports.set(screenId, report);
    withRoom('screen-report', this.#deps.logger, () => this.#noteEvents(report));
    return { atMs: Math.round(this.#deps.clock.nowMs()) };
  }

  /** Throws FoyerError `not-found` for a screen that is not this box's. */
  picture(screenId: ScreenId, picture: ScreenPicture): { atMs: number } {
    this.#own(screenId);
    this.#pictures.set(screenId, picture);
    return { atMs: Math.round(this.#deps.clock.nowMs()) };
  }

  /** Every screen of the theatre, as this node knows it. */
  all(): ScreenState[] {
    const nowMs = this.#deps.clock.nowMs();
    return this.#deps.rows().map((row) => {
      const told = this.#told(row, topicOf(row.screenId), screenReportSchema);
      const report = told?.value.screenId === row.screenId ? told : null;
      const picture = this.#told(row, pictureOf(row.screenId), screenPictureSchema);
      return {
        ...row,
        report: report?.value ?? null,
        reportAgeMs: report === null ? null : Math.max(0, Math.round(nowMs - report.atMs)),
        picture: picture?.value ?? null,
      };
    });
  }

  values(): LiveValues {
    const own = this.#deps.rows().filter(({ nodeId }) => nodeId === this.#deps.node);
    const values: Record<string, LiveState['value']> = {};
    for (const { screenId } of own.slice(0, maxScreens)) {
      const report = this.#reports.get(screenId);
      const picture = this.#pictures.get(screenId);
      if (report !== undefined) values[topicOf(screenId)] = { ...report };
      if (picture !== undefined) values[pictureOf(screenId)] = picture;
    }
    return values;
  }

  #own(screenId: ScreenId): void {
    if (this.row(screenId)?.nodeId === this.#deps.node) return;
    throw new FoyerError('not-found', `${screenId} is no screen of this box.`, {
      whatToDo: 'Take one of GET /v1/screens with the node id of this box.',
    });
  }

  // A screen is believed about itself, from its own box.
  #told<S extends z.ZodType>(row: FeedRow<'screen'>, topic: string, schema: S) {
    const state = this.#deps.state(row.nodeId, topic);
    const parsed = schema.safeParse(state?.value ?? null);
    return state !== null && parsed.success ? { value: parsed.data, atMs: state.atMs } : null;
  }

  #noteEvents(report: ScreenReport): void {
    const { store, journal } = this.#deps;
    const { screenId, emergencyId, faults } = report;
    const shown = store.shown(screenId);
    const isNew = !store.isKnown(screenId);
    if (faults.length === 0 && shown === emergencyId && !isNew) return;
    journal.transaction(() => {
      for (const fault of faults) {
        if (store.noteFault(screenId, fault)) this.#tellFault(screenId, fault);
      }
      if (shown === emergencyId && !isNew) return;
      store.setShown(screenId, emergencyId);
      if (shown !== null && shown !== emergencyId) this.#tellShown(screenId, shown, false);
      if (emergencyId !== null && shown !== emergencyId) {
        this.#tellShown(screenId, emergencyId, true);
      }
    });
  }

  #tellShown(screenId: ScreenId, emergencyId: string, shown: boolean): void {
    const { events, node, clock } = this.#deps;
    const atMs = Math.round(clock.nowMs());
    events.append({ kind: 'emergency-shown', emergencyId, screenId, shown, gate: node, atMs });
  }

  #tellFault(screenId: ScreenId, fault: ScreenReport['faults'][number]): void {
    const event = screenFaultEventSchema.safeParse({
      rung: 'none',
      ...fault,
      ...(screenFaultEventSchema.shape.object.safeParse(fault.object).success
        ? {}
        : { object: '' }),
      kind: 'screen-fault',
      screenId,
      gate: this.#deps.node,
    });
    // A newer player may know faults that have no name here yet; the report still shows them.
    if (event.success) this.#deps.events.append(event.data);
  }
}
