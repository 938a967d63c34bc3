import { FoyerError } from '@foyer/contracts';
import { z } from 'zod';

import type { Clock } from '../clock.ts';
import { isLoopbackHost } from '../loopback.ts';
import { within } from '../within.ts';
import type { AwsCredentials } from './connection.ts';

/** Where the token exchange service of a Greengrass nucleus listens, and the token it asks for. */
export interface TokenExchangeAddress {
  url: string;
  token: string;
}

/** What the service answers. */
const credentialsSchema = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  Token: z.string().min(1),
  Expiration: z.iso.datetime({ offset: true }),
});

const fetchTimeoutMs = 10_000;
/** Credentials that live shorter than this are asked for anew. */
const earlyMs = 300_000;

/**
 * What a nucleus told this program by its environment (AWS_CONTAINER_CREDENTIALS_FULL_URI and
 * AWS_CONTAINER_AUTHORIZATION_TOKEN); null where it did not.
 */
export function tokenExchangeOf(
  env: Readonly<Record<string, string | undefined>>,
): TokenExchangeAddress | null {
  const url = env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? '';
  const token = env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] ?? '';
  if (!URL.canParse(url) || !isLoopbackHost(new URL(url).hostname)) return null;
  return { url, token };
}

function failure(detail: string): FoyerError {
  return new FoyerError('link-down', `The token exchange service gives no credentials: ${detail}`, {
    whatToDo: 'Deploy aws.greengrass.TokenExchangeService, and look at the log of the nucleus.',
  });
}

/** Credentials of the box's role, kept until five minutes before they end. */
export class TokenExchange {
  readonly #address: TokenExchangeAddress;
  readonly #clock: Clock;
  #kept: { credentials: AwsCredentials; untilMs: number } | null = null;

  constructor(address: TokenExchangeAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
  }

  /** Throws FoyerError `link-down` or `timeout`; no message holds a credential. */
  async credentials(): Promise<AwsCredentials> {
    const kept = this.#kept;
    if (kept !== null && this.#clock.nowMs() < kept.untilMs) return kept.credentials;
    const ending = new AbortController();
    try {
      const asked = this.#ask(ending.signal);
      return await within(this.#clock, 'token-exchange', fetchTimeoutMs, asked);
    } finally {
      ending.abort();
    }
  }

  async #ask(signal: AbortSignal): Promise<AwsCredentials> {
    const { url, token } = this.#address;
    const response = await fetch(url, {
      headers: { authorization: token },
      redirect: 'error',
      signal,
    }).catch((error: unknown) => {
      throw failure(error instanceof Error ? error.message : 'no answer');
    });
    if (!response.ok) throw failure(`status ${response.status}`);
    const parsed = credentialsSchema.safeParse(await response.json().catch(() => null));
    if (!parsed.success) throw failure('the answer has another form');
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = parsed.data;
    const credentials = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: Token,
    };
    this.#kept = { credentials, untilMs: Date.parse(Expiration) - earlyMs };
    return credentials;
  }
}
