import { FoyerError, isFoyerError, problemSchema, verdictSchema } from '@foyer/contracts';
import type { ScanRequest, Verdict } from '@foyer/contracts';
import type { Clock, Random } from '@foyer/platform';

import { createJsonPost } from './json-post.ts';
import type { JsonPost } from './json-post.ts';

/** How the agent is asked. */
export interface AgentClientOptions {
  /** The base of the agent's local API, `http://127.0.0.1:8080`. */
  readonly agentUrl: string;
  /** One attempt's time. */
  readonly attemptTimeoutMs: number;
  /** An agent that restarts is asked again for this long, with the same scanId. */
  readonly giveUpAfterMs: number;
}

/** Asks the agent for verdicts. */
export interface AgentClient {
  /**
   * Sends one scan, again and again while the agent is away: the scanId makes that harmless.
   * @param onAnswer is told how long the request took that was answered, without the ones before
   * it.
   * @throws FoyerError `link-down` when the agent stayed away, `bad-request` when it refused.
   */
  scan(text: string, onAnswer?: (answerMs: number) => void): Promise<Verdict>;
}

const firstPauseMs = 50;
const longestPauseMs = 1_000;

/** A client of the agent's `POST /v1/scans`. */
export function createAgentClient(
  options: AgentClientOptions,
  clock: Clock,
  random: Random,
): AgentClient {
  const url = new URL('/v1/scans', options.agentUrl);
  const post = createJsonPost(url);
  const pause = (delayMs: number): Promise<void> =>
    new Promise((resolve) => void clock.setTimer('scan-retry', delayMs, resolve));
  return {
    async scan(text, onAnswer) {
      const request: ScanRequest = { scanId: random.uuid(), text };
      const untilMs = clock.monotonicMs() + options.giveUpAfterMs;
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
        try {
          const askedMs = clock.monotonicMs();
          const verdict = await attempt(post, request, options.attemptTimeoutMs);
          onAnswer?.(clock.monotonicMs() - askedMs);
          return verdict;
        } catch (error) {
          if (isFoyerError(error)) throw error;
          if (clock.monotonicMs() + pauseMs >= untilMs) throw gone(url, error);
          await pause(pauseMs * (0.5 + random.float()));
        }
      }
    },
  };
}

const gone = (url: URL, cause: unknown): FoyerError =>
  new FoyerError('link-down', `The agent at ${url.origin} does not answer.`, { cause });

async function attempt(post: JsonPost, request: ScanRequest, timeoutMs: number): Promise<Verdict> {
  const { status, body } = await post(request, timeoutMs);
  if (status >= 200 && status < 300) return verdictSchema.parse(body);
  const problem = problemSchema.safeParse(body);
  const message = problem.success ? problem.data.message : `status ${status}`;
  // What the agent refuses for good is told; anything else may pass.
  if (status < 500) throw new FoyerError('bad-request', `The agent refused: ${message}`);
  throw new Error(message);
}
