import { feedNameSchema } from '@foyer/contracts';
import type { Clock, Link, Logger, Random, Timer } from '@foyer/platform';
import { serve, type HttpServer } from '@foyer/platform/http';
import type { RenewableTls, TlsTexts } from '@foyer/platform/node';

import { cloudApp } from './adapters/http/app.ts';
import { MediaStore, type MediaStoreOptions } from './adapters/media/media-store.ts';
import { cloudMetrics, type CloudMetrics } from './adapters/metrics.ts';
import { Gateway } from './adapters/mqtt/gateway.ts';
import type { Store } from './adapters/store/database.ts';
import { compactFeeds } from './adapters/store/feed-store.ts';
import { FeedWriter } from './adapters/store/feed-writer.ts';
import type { PaymentPort, PublishedKey, TicketSigner } from './domain/ports.ts';
import { BookingService } from './services/booking-service.ts';
import { CatalogueService } from './services/catalogue-service.ts';
import { ContentService } from './services/content-service.ts';
import type { ServiceContext } from './services/context.ts';
import type { HoldOptions } from './services/hold.ts';
import { Ingest } from './services/ingest.ts';
import { MediaService } from './services/media-service.ts';
import { sweepPayments } from './services/payments.ts';
import type { Authorities } from './services/seals.ts';

export interface CloudDeps {
  /** Where the booking API is served; null: nowhere. */
  listen: { host: string; port: number; tls?: RenewableTls<TlsTexts> } | null;
  apiKey: string;
  store: Store;
  clock: Clock;
  random: Random;
  logger: Logger;
  payment: PaymentPort;
  signer: TicketSigner;
  /** Keys beside the signer's. */
  otherKeys?: readonly PublishedKey[];
  /** Opens the nodes' link; null serves the API only. */
  openLink: ((onStray: (topic: string, payload: Uint8Array) => void) => Link) | null;
  /** Where files of screens are kept; absent: none are taken. */
  media?: MediaStoreOptions;
  /** What certificates of plays' seals are checked by. */
  authorities?: Authorities;
  /** For tests: how seats are claimed. */
  hold?: HoldOptions;
}

const sweepMs = 60_000;
/** A certificate that was replaced is shown within this time. */
const certificateMs = 10_000;
/** 500 MB take this long at 1.2 Mbit/s. */
const uploadMs = 3_600_000;
const compactMs = 3_600_000;
const tombstonesKeptMs = 30 * 86_400_000;
/** A retry of a hold comes within minutes; its key is kept for a day. */
const keysKeptMs = 86_400_000;

/** A cloud worker: booking API, feed source, ingest. It closes its store when it closes. */
export class Cloud {
  readonly #deps: CloudDeps;
  readonly #context: ServiceContext;
  readonly #timers = new Map<string, Timer>();
  readonly #background = new Set<Promise<void>>();
  readonly bookings: BookingService;
  readonly catalogue: CatalogueService;
  readonly ingest: Ingest;
  readonly content: ContentService;
  readonly media: MediaService;
  readonly #metrics: CloudMetrics;
  #gateway: Gateway | null = null;
  #link: Link | null = null;
  #server: HttpServer | null = null;
  #closed: Promise<void> | undefined;

  private constructor(deps: CloudDeps, feeds: FeedWriter, files: MediaStore | null) {
    const { store, clock, random, logger, payment, signer, hold } = deps;
    this.#deps = deps;
    this.#context = {
      store,
      feeds,
      clock,
      random,
      logger,
      announce: (theatreNo, feed) => this.#gateway?.changed(theatreNo, feed),
    };
    this.#metrics = cloudMetrics(() => store.retries);
    this.catalogue = new CatalogueService(this.#context, signer, deps.otherKeys);
    this.bookings = new BookingService(this.#context, { payment, signer, hold });
    this.ingest = new Ingest(this.#context, this.#metrics, deps.authorities);
    this.media = new MediaService(this.#context, files);
    this.content = new ContentService(this.#context, (theatreNo) => {
      this.media.prepare(theatreNo);
    });
  }

  static async start(deps: CloudDeps): Promise<Cloud> {
    const feeds = await FeedWriter.open(deps.store, deps.random);
    const files = deps.media === undefined ? null : await MediaStore.open(deps.media);
    const cloud = new Cloud(deps, feeds, files);
    try {
      await cloud.#open();
      return cloud;
    } catch (error) {
      await cloud.close();
      throw error;
    }
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  get context(): ServiceContext {
    return this.#context;
  }

  async #open(): Promise<void> {
    await this.catalogue.publishKeys();
    await this.#serve();
    this.#link =
      this.#deps.openLink?.((topic, payload) => {
        this.#gateway?.stray(topic, payload);
      }) ?? null;
    if (this.#link !== null) {
      this.#gateway = new Gateway({
        context: this.#context,
        ingest: this.ingest,
        metrics: this.#metrics,
        link: this.#link,
      });
    }
    await this.#tellAll();
    await this.media.resume();
    this.#repeat('payments', sweepMs, () => this.sweep());
    this.#repeat('compaction', compactMs, () => this.compact());
  }

  /**
   * Where every feed is: this end may have been restored, or its keys changed while there was no
   * link, and nobody shall wait for the next poll to hear of a revoked key.
   */
  async #tellAll(): Promise<void> {
    for (const { theatreNo } of await this.catalogue.listTheatres()) {
      for (const feed of feedNameSchema.options) this.#gateway?.changed(theatreNo, feed);
    }
  }

  async #serve(): Promise<void> {
    const { listen, apiKey } = this.#deps;
    if (listen === null) return;
    const app = cloudApp({
      context: this.#context,
      catalogue: this.catalogue,
      bookings: this.bookings,
      content: this.content,
      media: this.media,
      metrics: this.#metrics,
      apiKey,
    });
    const { host, port, tls } = listen;
    const bounds = { requestTimeoutMs: uploadMs };
    const server = await serve(app, { host, port, tls: tls?.current() }, bounds);
    this.#server = server;
    if (tls === undefined) return;
    this.#repeat('certificate', certificateMs, async () => {
      if (tls.renew()) server.setTls(tls.current());
    });
  }

  /** Settles refunds that are owed and charges of unknown outcome; runs every 60 s by itself. */
  async sweep(): Promise<void> {
    const { payment } = this.#deps;
    await sweepPayments(this.#context, payment, (id, charge) =>
      this.bookings.captured(id, charge, true),
    );
  }

  /** Forgets old tombstones, idempotency keys and unused files; runs every hour by itself. */
  async compact(): Promise<void> {
    const { store, clock } = this.#deps;
    await compactFeeds(store, clock.nowMs() - tombstonesKeptMs);
    await store.db
      .deleteFrom('idempotency')
      .where('at_ms', '<', clock.nowMs() - keysKeptMs)
      .execute();
    await this.media.sweep();
  }

  #repeat(name: string, everyMs: number, work: () => Promise<void>): void {
    const { clock, logger } = this.#deps;
    const timer = clock.setTimer(name, everyMs, () => {
      const run = work()
        .catch((error: unknown) => {
          logger.error('background-work-failed', { name, reason: String(error) });
        })
        .finally(() => {
          this.#background.delete(run);
          if (this.#closed === undefined) this.#repeat(name, everyMs, work);
        });
      this.#background.add(run);
    });
    this.#timers.set(name, timer);
  }

  /** Ends what was started; requests and messages in hand are finished first. Idempotent. */
  close(): Promise<void> {
    return (this.#closed ??= this.#end());
  }

  async #end(): Promise<void> {
    for (const timer of this.#timers.values()) timer.cancel();
    await this.#server?.close();
    await this.#gateway?.close();
    await this.#link?.close();
    await Promise.allSettled(this.#background);
    await this.media.close();
    await this.#deps.store.close();
  }
}
