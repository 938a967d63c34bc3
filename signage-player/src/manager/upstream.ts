import { Readable } from 'node:stream';

import { errorCatalogue, FoyerError, problemSchema, type Operation } from '@foyer/contracts';
import type { ErrorCode } from '@foyer/contracts';
import type { Request } from 'express';
import type { z } from 'zod';

/** What is asked of an agent or of the cloud: the parts of one of its operations. */
export interface Question {
  params?: unknown;
  query?: unknown;
  body?: unknown;
  /** Sent as it comes, instead of `body`. */
  stream?: Request;
  range?: string | undefined;
}

export interface UpstreamOptions {
  /** In sentences for people: "The cloud". */
  name: string;
  url: string;
  apiKey?: string;
  timeoutMs: number;
}

const text = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : '';

const isCode = (code: string): code is ErrorCode => code in errorCatalogue;

/** Asks the local API of an agent, or the cloud, by the operations of their contracts. */
export class Upstream {
  readonly #options: UpstreamOptions;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** The parsed answer. Throws what the other side answered, `link-down` where it does not. */
  async call<O extends Operation & { response: z.ZodType }>(
    operation: O,
    ask: Question,
  ): Promise<z.output<O['response']>> {
    const response = await this.open(operation, ask);
    return operation.response.parse(await response.json()) as z.output<O['response']>;
  }

  /** The answer as it is, when it is a success. */
  async open(operation: Operation, ask: Question): Promise<Response> {
    const { name, timeoutMs } = this.#options;
    const init: RequestInit & { duplex?: 'half' } = {
      method: operation.method.toUpperCase(),
      headers: this.#headers(ask),
      redirect: 'error',
    };
    if (ask.body !== undefined) init.body = JSON.stringify(ask.body);
    if (ask.stream === undefined) init.signal = AbortSignal.timeout(timeoutMs);
    else {
      init.body = Readable.toWeb(ask.stream) as ReadableStream;
      init.duplex = 'half';
    }
    let response: Response;
    try {
      response = await fetch(this.#urlOf(operation, ask), init);
    } catch (cause) {
      throw new FoyerError('link-down', `${name} does not answer.`, { cause });
    }
    if (response.ok) return response;
    throw await this.#refusal(response);
  }

  #headers(ask: Question): Record<string, string> {
    const { apiKey } = this.#options;
    const length = ask.stream?.headers['content-length'];
    return {
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ask.stream === undefined ? {} : { 'content-type': 'application/octet-stream' }),
      ...(length === undefined ? {} : { 'content-length': length }),
      ...(ask.range === undefined ? {} : { range: ask.range }),
    };
  }

  #urlOf({ path }: Operation, { params, query }: Question): URL {
    const parts = new Map(Object.entries((params ?? {}) as Record<string, unknown>));
    const filled = path.replace(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent(text(parts.get(name))),
    );
    const url = new URL(this.#options.url.replace(/\/$/, '') + filled);
    for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>)) {
      if (value !== undefined) url.searchParams.set(name, text(value));
    }
    return url;
  }

  async #refusal(response: Response): Promise<FoyerError> {
    const { name } = this.#options;
    const told: unknown = await response.json().catch(() => null);
    const parsed = problemSchema.safeParse(told);
    if (!parsed.success) return new FoyerError('link-down', `${name} says ${response.status}.`);
    const { code, message, whatToDo } = parsed.data;
    // Our own key is wrong, not the token of whoever asks.
    if (code === 'unauthorised') {
      const sentence = `${name} does not take the key of this program.`;
      return new FoyerError('config-invalid', sentence, {
        whatToDo: 'Correct the setting apiKey.',
      });
    }
    return new FoyerError(isCode(code) ? code : 'internal', message, { whatToDo });
  }
}
