import { join } from 'node:path';

import { liveViewSchema, nodeIdSchema, programmeSchema, utcMsSchema } from '@foyer/contracts';
import type { LiveView, Programme, Screen } from '@foyer/contracts';
import type { Clock, Logger } from '@foyer/platform';
import { z } from 'zod';

import { AgentTime } from '../domain/agent-time.ts';
import { emptyLive } from '../domain/alarms.ts';
import { filesNeeded } from '../domain/store/needs.ts';
import type { NeededFile } from '../domain/store/needs.ts';
import { decideTakeover } from '../domain/store/takeover.ts';
import type { Fetcher } from './fetcher.ts';
import type { MediaStore } from './media-store.ts';
import { StateFile } from './state-file.ts';

const programmeStateSchema = z.object({
  programme: programmeSchema,
  /** sha256 -> when a programme that played last needed it. */
  scheduled: z.record(z.string(), utcMsSchema),
});
const houseStateSchema = z.object({
  node: nodeIdSchema.nullable(),
  live: liveViewSchema,
  nowMs: utcMsSchema,
});
type ProgrammeState = z.infer<typeof programmeStateSchema>;
type HouseState = z.infer<typeof houseStateSchema>;

/** The live view goes to disk at most so often, and at once when an emergency begins or ends. */
const houseEveryMs = 10_000;

export interface KeeperOptions {
  readonly dataDir: string;
  readonly nodeId: string | null;
  readonly store: MediaStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** When each item is first on, UTC ms, for the order of fetching. */
  readonly lookAhead: (
    programme: Programme,
    screens: readonly Screen[],
    live: LiveView,
    nowMs: number,
  ) => ReadonlyMap<string, number>;
  /** Pages are to be told: another programme, or other files are ready. */
  readonly onProgramme: () => void;
  readonly onLive: () => void;
  readonly onWriteError: (error: unknown) => void;
}

/** Keeps the programme that plays, the one that is on its way, and the live view; also on disk. */
export class ProgrammeKeeper {
  readonly #options: KeeperOptions;
  readonly #programmeFile: StateFile<ProgrammeState>;
  readonly #houseFile: StateFile<HouseState>;
  #fetcher: Fetcher | null = null;
  #time: AgentTime;
  #node: string | null;
  #current: Programme | null = null;
  #offered: Programme | null = null;
  readonly #needs = new Map<string, readonly NeededFile[]>();
  #live: LiveView = emptyLive;
  #fetchingHash: string | null = null;
  #ready = '';
  #houseWrittenMs = Number.NEGATIVE_INFINITY;

  constructor(options: KeeperOptions) {
    this.#options = options;
    const { dataDir, clock, onWriteError, nodeId } = options;
    const at = (name: string): string => join(dataDir, 'state', name);
    this.#programmeFile = new StateFile(at('programme.json'), programmeStateSchema, onWriteError);
    this.#houseFile = new StateFile(at('house.json'), houseStateSchema, onWriteError);
    this.#time = new AgentTime(clock.nowMs(), clock.monotonicMs(), 0);
    this.#node = nodeId;
  }

  /** The last good programme and what was last known of the house. */
  async load(): Promise<void> {
    const { clock, store, logger } = this.#options;
    const house = await this.#houseFile.read();
    if (house !== null) {
      this.#live = house.live;
      this.#node ??= house.node;
      this.#time = new AgentTime(clock.nowMs(), clock.monotonicMs(), house.nowMs);
    }
    const kept = await this.#programmeFile.read();
    if (kept === null) return;
    this.#current = kept.programme;
    for (const [sha256, atMs] of Object.entries(kept.scheduled)) store.scheduled([sha256], atMs);
    const wrong = await store.checkSizes(this.#needed(kept.programme));
    for (const sha256 of wrong) logger.warn('file-set-aside', { sha256, why: 'size' });
    this.#ready = this.#readyNow();
  }

  /** From now on files are fetched. */
  fetchWith(fetcher: Fetcher): void {
    this.#fetcher = fetcher;
    this.review();
  }

  get current(): Programme | null {
    return this.#current;
  }

  /** The newest hash that was told. */
  get newestHash(): string | null {
    return (this.#offered ?? this.#current)?.hash ?? null;
  }

  get fetchingHash(): string | null {
    return this.#fetchingHash;
  }

  get live(): LiveView {
    return this.#live;
  }

  /** The agent's time, UTC ms. */
  nowMs(): number {
    return this.#time.at(this.#options.clock.monotonicMs());
  }

  /** The screens of this box, by the programme that plays, else by the one that is offered. */
  screens(): Screen[] {
    return this.#screensOf(this.#current ?? this.#offered);
  }

  /** Files that the programme that plays needs on this box. */
  needed(): readonly NeededFile[] {
    return this.#current === null ? [] : this.#needed(this.#current);
  }

  onNode(node: string): void {
    if (this.#options.nodeId !== null || this.#node === node) return;
    this.#node = node;
    this.#needs.clear();
    this.#writeHouse();
    this.review();
  }

  onTime(nowMs: number): void {
    this.#time.tell(nowMs, this.#options.clock.monotonicMs());
  }

  onLive(live: LiveView): void {
    const before = this.#live.emergencies;
    this.#live = live;
    const nowMs = this.#options.clock.monotonicMs();
    const urgent = JSON.stringify(before) !== JSON.stringify(live.emergencies);
    if (urgent || nowMs - this.#houseWrittenMs >= houseEveryMs) this.#writeHouse();
    this.#options.onLive();
  }

  onProgramme(programme: Programme): void {
    this.#offered = programme;
    this.review();
  }

  /** Decides anew what plays and what to fetch: something came, was damaged or is wanted. */
  review(): void {
    const { store, logger } = this.#options;
    const offerOf = (programme: Programme | null) =>
      programme === null
        ? null
        : { hash: programme.hash, files: this.#needed(programme).map(({ sha256 }) => sha256) };
    const plan = decideTakeover(offerOf(this.#current), offerOf(this.#offered), (sha256) =>
      store.has(sha256),
    );
    this.#fetchingHash = plan.fetchingHash;
    if (plan.step === 'take' && this.#offered !== null) {
      this.#current = this.#offered;
      logger.info('programme-taken', { hash: this.#offered.hash.slice(0, 12) });
      this.#keepCurrent();
      this.#ready = this.#readyNow();
      this.#options.onProgramme();
    }
    if (this.#offered?.hash === this.#current?.hash) this.#offered = null;
    this.#fetch(plan.fetch, plan.hold);
    if (plan.step === 'take') void this.#fetcher?.tidy();
  }

  /** A file came into the store, or left it. */
  onFiles(): void {
    const before = this.#ready;
    this.review();
    // A programme that took over was told already, and files of the next one are not its pages'.
    if (this.#ready !== before) return;
    this.#ready = this.#readyNow();
    if (this.#ready !== before) this.#options.onProgramme();
  }

  /** What pages can show of the programme that plays, as one text. */
  #readyNow(): string {
    const here = this.needed().filter(({ sha256 }) => this.#options.store.has(sha256));
    return [this.#current?.hash, ...here.map(({ sha256 }) => sha256)].join();
  }

  async close(): Promise<void> {
    this.#writeHouse();
    if (this.#current !== null) this.#keepCurrent();
    await this.#programmeFile.flush();
    await this.#houseFile.flush();
  }

  #fetch(files: readonly string[], hold: ReadonlySet<string>): void {
    const sizes = new Map<string, number>();
    for (const programme of [this.#current, this.#offered]) {
      if (programme === null) continue;
      for (const { sha256, sizeBytes } of this.#needed(programme)) sizes.set(sha256, sizeBytes);
    }
    const wanted = files.map((sha256) => ({ sha256, sizeBytes: sizes.get(sha256) ?? 0 }));
    this.#fetcher?.want(wanted, hold);
  }

  #screensOf(programme: Programme | null): Screen[] {
    return programme?.screens.filter(({ nodeId }) => nodeId === this.#node) ?? [];
  }

  /** Memorised by hash: a programme never changes. */
  #needed(programme: Programme): readonly NeededFile[] {
    const known = this.#needs.get(programme.hash);
    if (known !== undefined) return known;
    const screens = this.#screensOf(programme);
    const nowMs = this.nowMs();
    const soonest = this.#options.lookAhead(programme, screens, this.#live, nowMs);
    const files = filesNeeded(programme, screens, nowMs, soonest);
    for (const hash of this.#needs.keys()) {
      if (hash !== this.#current?.hash && hash !== this.#offered?.hash) this.#needs.delete(hash);
    }
    this.#needs.set(programme.hash, files);
    return files;
  }

  #keepCurrent(): void {
    const programme = this.#current;
    if (programme === null) return;
    const { store } = this.#options;
    store.scheduled(
      this.#needed(programme).map(({ sha256 }) => sha256),
      this.nowMs(),
    );
    const scheduled = Object.fromEntries(
      store.files().map(({ sha256, lastScheduledMs }) => [sha256, lastScheduledMs]),
    );
    this.#programmeFile.write({ programme, scheduled });
  }

  #writeHouse(): void {
    this.#houseWrittenMs = this.#options.clock.monotonicMs();
    this.#houseFile.write({ node: this.#node, live: this.#live, nowMs: this.nowMs() });
  }
}
