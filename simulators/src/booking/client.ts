import type { z } from 'zod';

import {
  FoyerError,
  bookingOperations,
  catalogueOperations,
  errorCatalogue,
  problemSchema,
} from '@foyer/contracts';
import type { Booking, ErrorCode, Operation, holdRequestSchema } from '@foyer/contracts';

type Answer<O extends Operation> = O['response'] extends z.ZodType
  ? z.output<O['response']>
  : undefined;

interface Call {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** Sent as it is, instead of a body of JSON. */
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

function contentTypeOf({ body, bytes }: Call): Record<string, string> {
  if (bytes !== undefined) return { 'content-type': 'application/octet-stream' };
  return body === undefined ? {} : { 'content-type': 'application/json' };
}

function bodyOf({ body, bytes }: Call): Pick<RequestInit, 'body'> {
  if (bytes !== undefined) return { body: Uint8Array.from(bytes) };
  return body === undefined ? {} : { body: JSON.stringify(body) };
}

const defaultTimeoutMs = 15_000;

/** A client of the booking API: what a web shop, head office or a test uses. */
export class BookingClient {
  readonly #baseUrl: string;
  readonly #apiKey: string | undefined;
  readonly #timeoutMs: number;

  /**
   * @param apiKey for the catalogue's writes; guests have none.
   * @param timeoutMs of one request.
   */
  constructor(baseUrl: string, apiKey?: string, timeoutMs = defaultTimeoutMs) {
    this.#baseUrl = baseUrl;
    this.#apiKey = apiKey;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * One operation of the API.
   * @throws FoyerError with the API's own code, or `link-down` when nobody answers.
   */
  async call<O extends Operation>(operation: O, call: Call = {}): Promise<Answer<O>> {
    const path = operation.path.replace(/:([a-zA-Z0-9]+)/g, (_, name: string) =>
      encodeURIComponent(String(call.params?.[name] ?? '')),
    );
    const url = new URL(path, this.#baseUrl);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      url.searchParams.set(name, String(value));
    }
    const response = await fetch(url, {
      method: operation.method.toUpperCase(),
      headers: {
        ...contentTypeOf(call),
        ...(this.#apiKey === undefined ? {} : { authorization: `Bearer ${this.#apiKey}` }),
        ...call.headers,
      },
      ...bodyOf(call),
      signal: AbortSignal.timeout(this.#timeoutMs),
    }).catch((cause: unknown) => {
      throw new FoyerError('link-down', `The booking API does not answer at ${url.origin}.`, {
        cause,
      });
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw refusal(body, response.status);
    // The operation's own schema decides the type; TypeScript cannot follow the conditional.
    return operation.response?.parse(body) as Answer<O>;
  }

  shows(theatreNo: number) {
    return this.call(catalogueOperations.listShows, { params: { theatreNo } });
  }

  seats(theatreNo: number, showNo: number) {
    return this.call(catalogueOperations.seats, { params: { theatreNo, showNo } });
  }

  booking(bookingId: string): Promise<Booking> {
    return this.call(bookingOperations.booking, { params: { bookingId } });
  }

  /** Holds, pays and confirms; each step is safe to repeat. */
  async buy(hold: z.input<typeof holdRequestSchema>, key: string): Promise<Booking> {
    const held = await this.call(bookingOperations.hold, {
      body: hold,
      headers: { 'idempotency-key': key },
    });
    return this.call(bookingOperations.confirm, {
      params: { bookingId: held.bookingId },
      body: { paymentToken: `tok_${key}` },
    });
  }

  cancel(bookingId: string): Promise<Booking> {
    return this.call(bookingOperations.cancel, { params: { bookingId }, body: { refund: true } });
  }
}

const isOurs = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

function refusal(body: unknown, status: number): FoyerError {
  const problem = problemSchema.safeParse(body);
  if (!problem.success) {
    return new FoyerError('link-down', `The booking API answered ${status} without a reason.`);
  }
  const { code, message, whatToDo } = problem.data;
  return new FoyerError(isOurs(code) ? code : 'bad-request', message, { whatToDo });
}
