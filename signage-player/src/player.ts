import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { LiveView } from '@foyer/contracts';
import type { Clock, Logger, Random } from '@foyer/platform';
import { bundleFile } from '@foyer/platform/home';

import { AgentClient } from './adapters/agent-client.ts';
import { CommandDesk } from './adapters/command-desk.ts';
import { ContactWatch } from './adapters/contact-watch.ts';
import { Fetcher } from './adapters/fetcher.ts';
import { MediaStore } from './adapters/media-store.ts';
import { mediaPath, previewMediaPath, startPageServer } from './adapters/page-server.ts';
import { PageStreams } from './adapters/page-streams.ts';
import type { PageMessage } from './adapters/page-streams.ts';
import { PanelWatch } from './adapters/panel-watch.ts';
import { PlaySpool } from './adapters/play-spool.ts';
import { ProgrammeKeeper } from './adapters/programme-keeper.ts';
import { Rehash } from './adapters/rehash.ts';
import { ScreenDesk } from './adapters/screen-desk.ts';
import { ScreenHands } from './adapters/screen-hands.ts';
import type { PlayerConfig } from './config.ts';
import { withAlarms } from './domain/alarms.ts';
import { lookAhead } from './domain/look-ahead.ts';
import { metricsText } from './domain/metrics.ts';
import { slotAt } from './domain/schedule/index.ts';
import type { LiveMessage, ProgrammeMessage } from './wire.ts';

/** The world, as the player uses it. */
export interface PlayerSeams {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The page's bundle, when it is not Foyer's own. */
  readonly pageScript?: string;
}

/** A player that runs. */
export interface RunningPlayer {
  readonly port: number;
  close(): Promise<void>;
}

/** Everything of a player, built in the order in which it depends on each other. */
class Player {
  readonly #config: PlayerConfig;
  readonly #seams: PlayerSeams;
  readonly #store: MediaStore;
  readonly #streams: PageStreams;
  readonly #keeper: ProgrammeKeeper;
  readonly #fetcher: Fetcher;
  readonly #rehash: Rehash;
  readonly #agent: AgentClient;
  readonly #hands: ScreenHands;
  readonly #desk: ScreenDesk;
  readonly #panels: PanelWatch;
  readonly #contacts: ContactWatch;
  readonly #commands: CommandDesk;
  #spool: PlaySpool | null = null;
  #mimes = new Map<string, string>();
  #agentUp = false;

  constructor(config: PlayerConfig, seams: PlayerSeams, store: MediaStore) {
    const { clock, logger, random } = seams;
    this.#config = config;
    this.#seams = seams;
    this.#store = store;
    const nowMs = (): number => this.#keeper.nowMs();
    const common = { clock, random, logger, nowMs, dataDir: config.dataDir };
    const fault = (code: string, object: string): void => this.#desk.fault(code, object);
    this.#streams = new PageStreams(
      clock,
      (screenId, preview) => this.#greeting(screenId, preview),
      () => this.#liveMessage(),
    );
    this.#keeper = new ProgrammeKeeper({
      ...common,
      store,
      lookAhead: (...house) =>
        orElse<ReadonlyMap<string, number>>(new Map(), logger, () => lookAhead(...house)),
      nodeId: config.nodeId ?? null,
      onProgramme: () => this.#onProgramme(),
      onLive: () => this.#onLive(),
      onWriteError: (error) => logger.error('state-not-kept', { message: String(error) }),
    });
    this.#fetcher = new Fetcher({
      ...common,
      store,
      mediaUrls: config.mediaUrls,
      settings: config.store,
      onStored: () => this.#keeper.onFiles(),
      onEvicted: () => undefined,
      onFault: fault,
    });
    this.#rehash = new Rehash({
      ...common,
      store,
      bytesPerS: config.store.rehashBytesPerS,
      onDamaged: (sha256) => {
        fault('media-corrupt', sha256);
        this.#keeper.onFiles();
      },
    });
    this.#agent = this.#makeAgent();
    this.#hands = new ScreenHands({ ...config, ...common, streams: () => this.#streams });
    this.#panels = new PanelWatch({
      ...common,
      panels: config.panels,
      timeoutMs: config.commandTimeoutMs,
      onChange: (screenId) => this.#desk.tellSoon(screenId),
      onFault: (screenId, code, object) => this.#desk.fault(code, object, screenId),
    });
    this.#desk = this.#makeDesk();
    this.#contacts = new ContactWatch({
      ...common,
      contacts: config.contacts,
      agent: this.#agent,
      onChange: () => this.#onLive(),
      onFault: fault,
    });
    this.#commands = new CommandDesk({
      ...common,
      agent: this.#agent,
      hands: this.#hands,
      desk: this.#desk,
      panels: this.#panels,
      isOurs: (screenId) => this.#keeper.screens().some((row) => row.screenId === screenId),
    });
  }

  async start(): Promise<RunningPlayer> {
    const { dataDir, listen } = this.#config;
    const { logger } = this.#seams;
    await this.#keeper.load();
    await this.#desk.start();
    this.#learnProgramme();
    const spool = await PlaySpool.open({
      ...this.#seams,
      path: join(dataDir, 'plays.ndjson'),
      agent: this.#agent,
      onFault: (code, object) => this.#desk.fault(code, object),
    });
    this.#spool = spool;
    const server = await startPageServer({
      ...listen,
      logger,
      store: this.#store,
      streams: this.#streams,
      mediaUrls: this.#config.mediaUrls,
      scriptFile: this.#seams.pageScript ?? bundleFile('signage-page'),
      nowMs: () => this.#keeper.nowMs(),
      screens: () => this.#listed(),
      mimeOf: (sha256) => this.#mimes.get(sha256) ?? null,
      onPulse: (screenId, pulse) => this.#desk.take(screenId, pulse),
      onPlays: (plays) => spool.add(plays),
      onResult: (result) => this.#commands.onPageResult(result),
      metrics: () => this.#metrics(),
    });
    await this.#contacts.start();
    this.#panels.start();
    this.#agent.start();
    this.#keeper.fetchWith(this.#fetcher);
    this.#rehash.start();
    return { port: server.port, close: () => this.#close(() => server.close(0)) };
  }

  async #close(endServer: () => Promise<void>): Promise<void> {
    this.#agent.close();
    this.#rehash.close();
    this.#panels.close();
    this.#commands.close();
    this.#spool?.close();
    this.#streams.close();
    await this.#contacts.close();
    await endServer();
    await this.#fetcher.close();
    await this.#desk.close();
    await this.#keeper.close();
  }

  #makeAgent(): AgentClient {
    return new AgentClient({
      ...this.#seams,
      agentUrl: this.#config.agentUrl,
      knownHash: () => this.#keeper.newestHash,
      listener: {
        onLink: (up) => {
          this.#agentUp = up;
          this.#seams.logger.info(up ? 'agent-answers' : 'agent-silent');
          if (up) this.#spool?.poke();
        },
        onNode: (node) => {
          this.#keeper.onNode(node);
          this.#learnProgramme();
        },
        onTime: (nowMs) => this.#keeper.onTime(nowMs),
        onProgramme: (programme) => {
          this.#keeper.onProgramme(programme);
          this.#learnProgramme();
        },
        onLive: (live) => {
          this.#contacts.confirm(live);
          this.#keeper.onLive(live);
        },
        onCommand: (command) => this.#commands.take(command),
      },
    });
  }

  #makeDesk(): ScreenDesk {
    const { clock, logger } = this.#seams;
    return new ScreenDesk({
      clock,
      logger,
      dataDir: this.#config.dataDir,
      watch: this.#config.watch,
      agent: this.#agent,
      hands: this.#hands,
      nowMs: () => this.#keeper.nowMs(),
      programme: () => this.#keeper.current,
      fetchingHash: () => this.#keeper.fetchingHash,
      cache: () => ({
        files: this.#store.files().length,
        bytes: this.#store.bytes,
        missing: this.#fetcher.missing,
      }),
      panel: (screenId) => this.#panels.power(screenId),
      onUnplayable: (sha256) => this.#rehash.check(sha256),
    });
  }

  #onProgramme(): void {
    this.#learnProgramme();
    this.#wantPanels();
    for (const { screenId, preview } of this.#streams.listeners()) {
      const message = this.#programmeMessage(screenId, preview);
      if (message !== null) this.#streams.send(message, { screenId, preview });
    }
  }

  #onLive(): void {
    this.#streams.send(this.#liveMessage());
    this.#wantPanels();
  }

  /** By the schedule and not by the page: an emergency lights a panel although its page is dead. */
  #wantPanels(): void {
    const programme = this.#keeper.current;
    if (programme === null) return;
    const live = this.#live();
    for (const { screenId } of this.#config.panels) {
      const kind = orElse('item', this.#seams.logger, () => {
        return slotAt(programme, screenId, live, this.#keeper.nowMs()).kind;
      });
      this.#panels.want(screenId, kind === 'standby' ? 'off' : 'on', kind === 'emergency');
    }
  }

  #live(): LiveView {
    return withAlarms(this.#keeper.live, this.#contacts.alarms);
  }

  #learnProgramme(): void {
    this.#desk.see(this.#keeper.screens().map(({ screenId }) => screenId));
    const media = this.#keeper.current?.media ?? [];
    this.#mimes = new Map(
      media.flatMap((row) => [row, ...row.renditions]).map(({ sha256, mime }) => [sha256, mime]),
    );
  }

  #greeting(screenId: string, preview: boolean): PageMessage[] {
    const programme = this.#programmeMessage(screenId, preview);
    return programme === null ? [this.#liveMessage()] : [this.#liveMessage(), programme];
  }

  #liveMessage(): PageMessage {
    const message: LiveMessage = { live: this.#live(), nowMs: this.#keeper.nowMs() };
    return { event: 'live', data: JSON.stringify(message) };
  }

  /** A preview may be of a screen of another box: what is not here comes from the cloud. */
  #programmeMessage(screenId: string, preview: boolean): PageMessage | null {
    const programme = this.#keeper.current;
    if (programme === null) return null;
    const ready = programme.media
      .flatMap((row) => [row.sha256, ...row.renditions.map(({ sha256 }) => sha256)])
      .filter((sha256) => preview || this.#store.has(sha256))
      .slice(0, 4000);
    const nowMs = this.#keeper.nowMs();
    const mediaBase = preview ? previewMediaPath : mediaPath;
    const message: ProgrammeMessage = { programme, screenId, nowMs, ready, mediaBase };
    return { event: 'programme', data: JSON.stringify(message) };
  }

  #listed() {
    const names = new Map(this.#keeper.screens().map((row) => [row.screenId, row.name]));
    return this.#desk.reports().map((report) => ({
      screenId: report.screenId,
      name: names.get(report.screenId) ?? report.screenId,
      report,
    }));
  }

  #metrics(): string {
    return metricsText({
      reports: this.#desk.reports(),
      playsWaiting: this.#spool?.waiting ?? 0,
      storeBytes: this.#store.bytes,
      partBytes: this.#store.partBytes,
      missing: this.#fetcher.missing,
      agentUp: this.#agentUp,
      alarmsUntold: this.#contacts.untold,
    });
  }
}

// A programme that the schedule stumbles over must not stop the player: its pages play on.
function orElse<T>(instead: T, logger: Logger, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    logger.error('schedule-failed', { message: String(error).slice(0, 300) });
    return instead;
  }
}

/** Builds a player from its configuration and starts it: it shows the last good programme. */
export async function startPlayer(
  config: PlayerConfig,
  seams: PlayerSeams,
): Promise<RunningPlayer> {
  await mkdir(join(config.dataDir, 'state'), { recursive: true });
  const store = await MediaStore.open(config.dataDir);
  return new Player(config, seams, store).start();
}
