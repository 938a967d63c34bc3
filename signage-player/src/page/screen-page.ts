import type { Slot } from '../domain/schedule/index.ts';
import type { Boot, LiveMessage, PageCommand, ProgrammeMessage, Pulse } from '../wire.ts';
import { BlankMeter } from './blank-meter.ts';
import { applyPalette, paletteOf } from './boards/colour.ts';
import { emergencyBoard } from './boards/emergency.ts';
import { Fitter } from './boards/fit.ts';
import { groundBoard } from './boards/ground.ts';
import { BoardSet } from './boards/set.ts';
import { AgentClock } from './clock.ts';
import { contentOf } from './content.ts';
import { Director } from './director.ts';
import { FaultLog } from './fault-log.ts';
import { afterFrames } from './frames.ts';
import { House } from './house.ts';
import { identify } from './identify.ts';
import { Layer } from './layer.ts';
import { PlayerLink } from './link.ts';
import { MediaCache } from './media-cache.ts';
import { PlayQueue } from './play-queue.ts';
import { Plays } from './plays.ts';
import { Sampler, type Sample } from './sampling/sampler.ts';
import { Stage } from './stage.ts';
import { css, installStyles } from './styles.ts';
import { comingFiles } from './warm.ts';

/** Memory for files of the coming slots. */
const mediaBytes = 192 * 1024 * 1024;
const watchEveryMs = 250;
const warmEveryMs = 20_000;
const drainMs = 10_000;
const screenshotBytes = 60_000;
const longWayMs = 8;

interface Settings {
  readonly speed: number;
}

/** One screen's page: builds the parts, and passes on what the player says. */
export class ScreenPage {
  readonly #boot: Boot;
  readonly #house: House;
  readonly #clock: AgentClock;
  readonly #media = new MediaCache(mediaBytes);
  readonly #stage: Stage;
  readonly #ground = groundBoard();
  readonly #alarm = emergencyBoard();
  readonly #fitter = new Fitter();
  readonly #queue: PlayQueue;
  readonly #plays: Plays;
  readonly #director: Director;
  readonly #sampler: Sampler;
  readonly #link: PlayerLink;
  readonly #faults = new FaultLog();
  readonly #blank = new BlankMeter();
  readonly #pageId = crypto.randomUUID();
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #sample: Sample = { display: 'unsampled', picture: null };
  #picture: string | null = null;
  #paintedEmergencyId: string | null = null;
  #isPulsing = false;
  #pulseAgain = false;
  #reloadAtBoundary = false;

  constructor(boot: Boot, settings: Settings) {
    this.#boot = boot;
    this.#house = new House(boot.screenId);
    this.#clock = new AgentClock(() => performance.now(), Date.now(), settings.speed);
    if (boot.atMs !== null) this.#clock.fix(boot.atMs);
    const layer = (): Layer => new Layer(this.#media, new BoardSet());
    this.#stage = new Stage([layer(), layer()], this.#ground.element, this.#alarm.element);
    this.#sampler = new Sampler(this.#stage, css);
    const storage = boot.mode === 'screen' ? globalThis.localStorage : null;
    const { link } = this.#makeLink();
    this.#link = link;
    this.#queue = new PlayQueue(boot.screenId, storage, async (plays) => {
      if (boot.mode === 'preview') return plays.length;
      return (await link.plays({ plays })).kept;
    });
    this.#plays = new Plays(boot.screenId, this.#queue, storage);
    this.#director = this.#makeDirector();
  }

  /** What tests and benchmarks may look at. */
  readonly probe = {
    house: () => this.#house,
    stage: () => this.#stage,
    director: () => this.#director,
    media: () => this.#media,
    clock: () => this.#clock,
    sampler: () => this.#sampler,
  };

  start(): void {
    installStyles();
    document.querySelector('#before')?.remove();
    document.body.append(this.#stage.element);
    this.#link.open();
    this.#every(1000, () => this.#tick());
    this.#every(watchEveryMs, () => this.#watch());
    this.#every(warmEveryMs, () => this.#warm());
    this.#every(this.#boot.pictureEveryMs, () => void this.#takeSample());
    if (this.#boot.mode === 'screen') this.#every(this.#boot.pulseEveryMs, () => this.#pulse());
    globalThis.addEventListener('pagehide', () => this.#queue.keep());
    globalThis.addEventListener('resize', () => this.#drawHouse());
    this.#drawHouse();
    const looks = (): void => {
      this.#blank.look(!this.#stage.hasPixels(), performance.now());
      requestAnimationFrame(looks);
    };
    looks();
  }

  stats(): { plays: number; blankMs: number; queued: number; playing: string | null } {
    return {
      plays: this.#plays.ended,
      blankMs: Math.round(this.#blank.blankMs),
      queued: this.#queue.size,
      playing: this.#plays.current?.itemId ?? null,
    };
  }

  /** Ends the play that is on and waits until the player has taken over everything, or 10 s. */
  async stop(): Promise<void> {
    this.#director.stop();
    await this.#queue.drained(drainMs);
    for (const timer of this.#timers) clearInterval(timer);
    this.#link.close();
    this.#queue.close();
  }

  #every(ms: number, act: () => void): void {
    this.#timers.push(setInterval(act, ms));
  }

  #makeLink(): { link: PlayerLink } {
    const link = new PlayerLink(this.#boot, {
      programme: (message) => this.#onProgramme(message),
      live: (message) => this.#onLive(message),
      command: (command) => void this.#onCommand(command),
    });
    return { link };
  }

  #makeDirector(): Director {
    const house = this.#house;
    return new Director({
      clock: this.#clock,
      stage: this.#stage,
      plays: this.#plays,
      dataOf: (item) => house.dataOf(item, this.#clock.now()),
      decide: (nowMs) => house.decide(nowMs),
      programmeHash: () => house.programme?.hash ?? ''.padStart(64, '0'),
      content: (item) => {
        const { programme, screen } = house;
        if (programme === null || screen === null) throw new Error('no programme');
        return contentOf(programme, screen, item);
      },
      isEmergency: () => house.emergency !== null,
      onFault: (code, object) => this.#onFault(code, object),
      onChange: () => this.#pulse(),
      onBoundary: () => this.#onBoundary(),
    });
  }

  #onProgramme(message: ProgrammeMessage): void {
    this.#clock.told(message.nowMs, longWayMs);
    this.#media.setBase(message.mediaBase);
    this.#house.take(message);
    this.#director.forgive();
    this.#drawHouse();
    this.#director.refresh();
    this.#director.step();
    this.#warm();
  }

  #onLive(message: LiveMessage): void {
    this.#clock.told(message.nowMs, longWayMs);
    this.#house.setLive(message.live);
    this.#drawAlarm();
    this.#director.step();
    this.#director.refresh();
  }

  #drawAlarm(): void {
    const { emergency } = this.#house;
    const painted = this.#paintedEmergencyId;
    if (emergency !== null) {
      this.#alarm.update(emergency);
      this.#fitter.fitAll(this.#alarm.element);
    }
    const emergencyId = emergency?.emergencyId ?? null;
    if (emergencyId === painted) return;
    afterFrames(() => {
      if ((this.#house.emergency?.emergencyId ?? null) !== emergencyId) return;
      this.#paintedEmergencyId = emergencyId;
      this.#pulse();
    });
  }

  #drawHouse(): void {
    const { programme } = this.#house;
    if (programme !== null) applyPalette(this.#stage.element, paletteOf(programme.signage.brand));
    const name = programme?.signage.brand.name ?? 'Welcome';
    this.#ground.update({ name, clock: this.#house.clock(this.#clock.now()) });
    this.#fitter.fitAll(this.#ground.element);
    this.#drawAlarm();
  }

  #tick(): void {
    this.#drawHouse();
    this.#director.tick();
    if (this.#boot.mode === 'screen' || this.#boot.atMs === null) this.#link.check();
  }

  #watch(): void {
    this.#director.watch(performance.now());
  }

  #warm(): void {
    const { message, screen } = this.#house;
    if (message === null || screen === null) return;
    const decide = (atMs: number): Slot | null => this.#house.decide(atMs);
    void this.#media.warm(comingFiles(message, screen, decide, this.#clock.now()));
  }

  #onFault(code: string, object: string): void {
    if (code.startsWith('media')) this.#media.forget(object);
    this.#faults.add(code, object, this.#clock.now());
    this.#pulse();
  }

  #onBoundary(): void {
    if (!this.#reloadAtBoundary) return;
    this.#queue.keep();
    location.reload();
  }

  async #takeSample(): Promise<void> {
    if (this.#director.mode === 'normal' && this.#director.shown === null) return;
    const { current } = this.#plays;
    this.#sample = await this.#sampler.sample();
    this.#picture = this.#sample.picture ?? this.#picture;
    if (current?.playId === this.#plays.current?.playId) this.#plays.sampled(this.#sample.display);
  }

  async #onCommand(command: PageCommand): Promise<void> {
    const { commandId, kind } = command;
    if (kind === 'reload') {
      this.#queue.keep();
      location.reload();
      return;
    }
    let [ok, detail, picture]: [boolean, string, string | null] = [true, '', null];
    if (kind === 'skip') ok = this.#director.skip();
    else if (kind === 'identify') identify(this.#stage.element, this.#boot.screenId, this.#house);
    else picture = await this.#sampler.picture(screenshotBytes).catch(() => null);
    if (kind === 'skip' && !ok) detail = 'Nothing is on that could be left.';
    if (kind === 'screenshot' && picture === null) [ok, detail] = [false, 'No picture to be had.'];
    await this.#link.result({ commandId, ok, detail, picture }).catch(() => undefined);
  }

  /** Tells the player at once; while an answer is awaited the next pulse waits for it. */
  #pulse(): void {
    if (this.#boot.mode === 'preview') return;
    if (this.#isPulsing) {
      this.#pulseAgain = true;
      return;
    }
    this.#isPulsing = true;
    const pulse = this.#pulseNow();
    this.#picture = null;
    const sentMs = performance.now();
    this.#link
      .pulse(pulse)
      .then(({ nowMs, reload }) => {
        this.#clock.told(nowMs, performance.now() - sentMs);
        this.#faults.told(pulse.faults);
        this.#reloadAtBoundary = reload;
      })
      .catch(() => {
        this.#picture ??= pulse.picture;
      })
      .finally(() => {
        this.#isPulsing = false;
        if (this.#pulseAgain) this.#pulse();
        this.#pulseAgain = false;
      });
  }

  #pulseNow(): Pulse {
    const { shown, mode } = this.#director;
    const play = this.#plays.current;
    const { front } = this.#stage;
    const video = front?.content?.kind === 'video' ? front.video : null;
    const playing = shown !== null && {
      itemId: shown.item.itemId,
      campaignId: shown.slot.campaignId,
      sinceMs: Math.round(play?.startedAtMs ?? shown.shownAtMs),
      positionMs: video === null ? null : video.currentTime * 1000,
      durationMs: Math.max(0, shown.endMs - shown.shownAtMs),
    };
    return {
      pageId: this.#pageId,
      version: this.#boot.version,
      atMs: Math.round(this.#clock.now()),
      programmeHash: this.#house.programme?.hash ?? null,
      mode,
      playing: playing || null,
      emergencyId: this.#paintedEmergencyId,
      display: this.#sample.display,
      picture: this.#picture,
      heapBytes: heapBytes(),
      blankMs: Math.round(this.#blank.blankMs),
      plays: this.#plays.started,
      faults: [...this.#faults.next()],
      queued: this.#queue.size,
    };
  }
}

function heapBytes(): number | null {
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  return memory?.usedJSHeapSize ?? null;
}
