import {
  bookingOperations,
  catalogueOperations,
  type Booking,
  type FeedRow,
  type holdRequestSchema,
  type Operation,
} from '@foyer/contracts';
import type { Link } from '@foyer/platform';
import { ed25519Signer } from '@foyer/platform/node';
import { SimClock, simLogger, type SimLogger } from '@foyer/platform/sim';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import type { Clock } from '@foyer/platform';
import type { z } from 'zod';

import { openStore, type DatabaseConfig, type Store } from '../adapters/store/database.ts';
import type { MediaStoreOptions } from '../adapters/media/media-store.ts';
import { Cloud } from '../cloud.ts';
import type { PublishedKey, TicketSigner } from '../domain/ports.ts';
import type { HoldOptions } from '../services/hold.ts';
import type { Authorities } from '../services/seals.ts';
import { testRandom } from './databases.ts';
import { TestPayment } from './payment.ts';

export const apiKey = 'test-key-0123456789';
export const theatreNo = 7;
export const signingSeed = Buffer.alloc(32, 7).toString('base64url');

export interface TestCloud {
  /** Where its files are. */
  mediaDir: string;
  cloud: Cloud;
  store: Store;
  clock: SimClock;
  payment: TestPayment;
  logger: SimLogger;
  close(): Promise<void>;
}

export interface TestCloudOptions {
  database: DatabaseConfig;
  clock?: Clock;
  /** Key 1 of `signingSeed` when absent. */
  signer?: TicketSigner;
  otherKeys?: readonly PublishedKey[];
  hold?: HoldOptions;
  media?: Partial<MediaStoreOptions>;
  authorities?: Authorities;
  openLink?: (onStray: (topic: string, payload: Uint8Array) => void) => Link;
}

/** A cloud worker on a virtual clock, unless another is given. */
export async function startCloud(options: TestCloudOptions): Promise<TestCloud> {
  const clock = new SimClock();
  const logger = simLogger();
  const payment = new TestPayment();
  const store = await openStore(options.database, logger);
  const mediaDir = makeTempDir('media');
  const cloud = await Cloud.start({
    listen: { host: '127.0.0.1', port: 0 },
    apiKey,
    store,
    clock: options.clock ?? clock,
    random: testRandom(),
    logger,
    payment,
    signer: options.signer ?? { ...ed25519Signer(signingSeed), keyId: 1 },
    otherKeys: options.otherKeys,
    openLink: options.openLink ?? null,
    media: { dir: mediaDir, maxMediaBytes: 400_000, maxTotalBytes: 2_000_000, ...options.media },
    authorities: options.authorities,
    ...(options.hold === undefined ? {} : { hold: options.hold }),
  });
  const close = async (): Promise<void> => {
    await cloud.close();
    removeTempDir(mediaDir);
  };
  return { cloud, store, clock, payment, logger, mediaDir, close };
}

export interface Call {
  params?: Readonly<Record<string, string | number>>;
  query?: Readonly<Record<string, string | number>>;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** Sends one operation's request as any client would. */
export function request(cloud: Cloud, operation: Operation, call: Call = {}): Promise<Response> {
  const path = operation.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(call.params?.[name] ?? '')),
  );
  const url = new URL(path, cloud.url);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    url.searchParams.set(name, String(value));
  }
  return fetch(url, {
    method: operation.method.toUpperCase(),
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  });
}

/** The parsed answer of an operation that succeeds. */
export async function call<O extends Operation & { response: z.ZodType }>(
  cloud: Cloud,
  operation: O,
  options: Call = {},
): Promise<z.output<O['response']>> {
  const response = await request(cloud, operation, options);
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(body)}`);
  return operation.response.parse(body) as z.output<O['response']>;
}

/** The status and code of an operation that is refused. */
export async function refusal(cloud: Cloud, operation: Operation, options: Call = {}) {
  const response = await request(cloud, operation, options);
  const body = (await response.json()) as { code?: string; message?: string };
  return { status: response.status, code: body.code, message: body.message };
}

export const theatreNode: FeedRow<'node'> = {
  nodeId: 'theatre',
  role: 'theatre',
  name: 'Theatre',
  auditoriums: [],
  status: 'active',
  meshUrl: null,
};

export const gateNode = (nodeId: string): FeedRow<'node'> => ({
  ...theatreNode,
  nodeId,
  role: 'gate',
  name: nodeId,
});

/** A theatre with one auditorium of 4 rows of 20 seats, one film and shows 1 and 2. */
export async function putHouse({ cloud, clock }: TestCloud): Promise<void> {
  const put = (operation: Operation, params: Call['params'], body: unknown) =>
    call(cloud, operation as Operation & { response: z.ZodType }, { params, body });
  const { putTheatre, putAuditorium, putFilm, putNodes, putShow } = catalogueOperations;
  await put(
    putTheatre,
    { theatreNo },
    {
      theatreNo,
      name: 'Lumen <Harbour>',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      doorsOpenBeforeMin: 30,
      doorsCloseAfterMin: 60,
      staleAfterMin: 60,
      classes: { default: { mode: 'open' } },
    },
  );
  const rows = ['A', 'B', 'C', 'D'].map((row) => ({ row, seats: 20 }));
  const room = {
    auditorium: 'a1',
    name: 'Screen 1',
    directions: 'on your left',
    seatMap: { rows },
  };
  await put(putAuditorium, { theatreNo, auditorium: 'a1' }, room);
  const film = { filmId: 'f1', title: 'Salt & Light', runtimeMin: 100, rating: 'FSK 6', minAge: 6 };
  await put(putFilm, { theatreNo, filmId: 'f1' }, film);
  const nodes = [theatreNode, gateNode('gate-1'), gateNode('gate-2')];
  await put(putNodes, { theatreNo }, { nodes });
  for (const showNo of [1, 2]) {
    const startsAtMs = clock.nowMs() + 3_600_000;
    const show = { showNo, filmId: 'f1', auditorium: 'a1', startsAtMs, priceMinor: 1250 };
    await put(putShow, { theatreNo, showNo }, show);
  }
}

type Hold = Partial<z.input<typeof holdRequestSchema>>;

export function hold(cloud: Cloud, seats: readonly string[], more: Hold = {}): Promise<Booking> {
  const body = { theatreNo, showNo: 1, seats, ...more };
  return call(cloud, bookingOperations.hold, { body });
}

export function confirm(cloud: Cloud, { bookingId }: Booking, token = 'tok_ok_1') {
  const body = { paymentToken: token };
  return call(cloud, bookingOperations.confirm, { params: { bookingId }, body });
}

export async function buy(cloud: Cloud, seats: readonly string[], more: Hold = {}) {
  return confirm(cloud, await hold(cloud, seats, more));
}
