import {
  FoyerError,
  signageOperations,
  type Item,
  type LiveView,
  type Programme,
} from '@foyer/contracts';
import type { Clock, Logger, Random, Timer } from '@foyer/platform';
import { z } from 'zod';

import { AgentClient } from '../adapters/agent-client.ts';
import { timeline } from '../domain/schedule/index.ts';
import { offsetMsAt } from '../domain/schedule/zone.ts';
import type { Overview, ScheduleAnswer } from './operations.ts';
import type { Upstream } from './upstream.ts';

export interface HouseOptions {
  readonly agentUrl: string;
  readonly agent: Upstream;
  readonly players: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const minuteMs = 60_000;
const showsBeforeMs = 60 * minuteMs;
const showsAfterMs = 12 * 60 * minuteMs;
const mostShows = 100;
const mostSlots = 400;
/** One reading of the agent serves all pages that ask within it. */
const freshMs = 400;
const playersEveryMs = 10_000;
const playerTimeoutMs = 3000;

const noLive: LiveView = {
  admitted: {},
  sold: {},
  waiting: {},
  delays: [],
  emergencies: [],
  gates: [],
};

const playerScreensSchema = z.object({ screens: z.array(z.object({ screenId: z.string() })) });

const pick = ({ itemId, name, content }: Item) => ({ itemId, name, content });

/** The UTC moment at which the clocks of a zone say `local` ("2026-11-21T18:00"). */
export function utcOfLocal(zone: string, local: string): number {
  const asUtc = Date.parse(`${local}Z`);
  // In the hour that the clocks skip or repeat the earlier offset holds.
  const first = asUtc - offsetMsAt(zone, asUtc - 24 * 60 * minuteMs);
  const offset = offsetMsAt(zone, first);
  return asUtc - offset;
}

/** What the theatre's screens show, now and at any time, as one of its agents knows it. */
export class House {
  readonly #options: HouseOptions;
  readonly #client: AgentClient;
  readonly #previews = new Map<string, string>();
  #programme: Programme | null = null;
  #live: LiveView = noLive;
  #offsetMs = 0;
  #seen: { atMs: number; overview: Promise<Overview> } | null = null;
  #timer: Timer | null = null;
  #closed = false;

  constructor(options: HouseOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#client = new AgentClient({
      ...options,
      knownHash: () => this.#programme?.hash ?? null,
      listener: {
        onLink: (up) => logger.info(up ? 'agent-answers' : 'agent-silent'),
        onNode: () => undefined,
        onTime: (nowMs) => {
          this.#offsetMs = nowMs - clock.nowMs();
        },
        onProgramme: (programme) => {
          this.#programme = programme;
        },
        onLive: (live) => {
          this.#live = live;
        },
        onCommand: () => undefined,
      },
    });
  }

  start(): void {
    this.#client.start();
    void this.#findPlayers();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#client.close();
  }

  /** The media type of an image of the programme; null for anything that is none. */
  imageTypeOf(sha256: string): string | null {
    for (const media of this.#programme?.media ?? []) {
      if (media.kind !== 'image') continue;
      if (media.sha256 === sha256) return media.mime;
      if (media.renditions.some((one) => one.sha256 === sha256)) return 'image/webp';
    }
    return null;
  }

  overview(): Promise<Overview> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#seen !== null && nowMs - this.#seen.atMs < freshMs) return this.#seen.overview;
    const overview = this.#look();
    this.#seen = { atMs: nowMs, overview };
    return overview;
  }

  schedule(screenId: string, at: number | string | undefined, minutes: number): ScheduleAnswer {
    const programme = this.#programme;
    if (programme === null) {
      throw new FoyerError('link-down', 'The agent has not told its programme yet.');
    }
    if (!programme.screens.some((screen) => screen.screenId === screenId)) {
      throw new FoyerError('not-found', `The programme has no screen ${screenId}.`);
    }
    const zone = programme.theatre.timeZone;
    const fromMs = typeof at === 'string' ? utcOfLocal(zone, at) : (at ?? this.#nowMs());
    const toMs = fromMs + minutes * minuteMs;
    const slots = timeline(programme, screenId, this.#live, fromMs, toMs).slice(0, mostSlots);
    const names = new Map(programme.campaigns.map((one) => [one.campaignId, one.name]));
    return {
      fromMs,
      slots: slots.map(({ kind, startMs, endMs, item, campaignId, reason }) => {
        const campaignName = campaignId === null ? null : (names.get(campaignId) ?? null);
        const shown = item === null ? null : pick(item);
        return { kind, startMs, endMs, item: shown, campaignId, campaignName, reason };
      }),
      excluded: (slots[0]?.excluded ?? []).map(({ campaignId, itemId, code, reason }) => {
        const campaignName = names.get(campaignId) ?? campaignId;
        return { campaignId, campaignName, itemId, code, reason };
      }),
    };
  }

  #nowMs(): number {
    return this.#options.clock.nowMs() + this.#offsetMs;
  }

  async #look(): Promise<Overview> {
    const { agent } = this.#options;
    const [{ screens }, { emergencies }] = await Promise.all([
      agent.call(signageOperations.screens, {}),
      agent.call(signageOperations.emergency, {}),
    ]);
    const programme = this.#programme;
    const items = new Map(programme?.items.map((item) => [item.itemId, item.name]));
    const campaigns = new Map(programme?.campaigns.map((one) => [one.campaignId, one.name]));
    return {
      nowMs: this.#nowMs(),
      theatre: programme?.theatre ?? null,
      programmeHash: programme?.hash ?? null,
      screens: screens.map((screen) => {
        const playing = screen.report?.playing ?? null;
        return {
          ...screen,
          previewUrl: this.#previews.get(screen.screenId) ?? null,
          itemName: items.get(playing?.itemId ?? '') ?? null,
          campaignName: campaigns.get(playing?.campaignId ?? '') ?? null,
        };
      }),
      emergencies,
      delays: this.#live.delays,
      shows: programme === null ? [] : this.#showsOf(programme),
    };
  }

  #showsOf({ shows, films, auditoriums }: Programme): Overview['shows'] {
    const nowMs = this.#nowMs();
    const titles = new Map(films.map((film) => [film.filmId, film.title]));
    const rooms = new Map(auditoriums.map((room) => [room.auditorium, room.name]));
    return shows
      .filter(({ startsAtMs: at, status }) => {
        return status === 'scheduled' && at > nowMs - showsBeforeMs && at < nowMs + showsAfterMs;
      })
      .sort((a, b) => a.startsAtMs - b.startsAtMs || a.showNo - b.showNo)
      .slice(0, mostShows)
      .map(({ showNo, filmId, auditorium, startsAtMs, delayMin }) => ({
        showNo,
        auditorium: rooms.get(auditorium) ?? auditorium,
        startsAtMs,
        delayMin,
        film: titles.get(filmId) ?? filmId,
      }));
  }

  async #findPlayers(): Promise<void> {
    for (const player of this.#options.players) {
      const base = player.replace(/\/$/, '');
      try {
        const signal = AbortSignal.timeout(playerTimeoutMs);
        const response = await fetch(`${base}/v1/screens`, { signal });
        const { screens } = playerScreensSchema.parse(await response.json());
        for (const { screenId } of screens) {
          this.#previews.set(screenId, `${base}/preview/${screenId}`);
        }
      } catch (error) {
        this.#options.logger.debug('player-silent', { player, reason: String(error) });
      }
    }
    if (this.#closed) return;
    this.#timer = this.#options.clock.setTimer('players', playersEveryMs, () => {
      void this.#findPlayers();
    });
  }
}
