import type { Clock, Logger, Timer, TopicClient, TopicSubscription } from '@foyer/platform';
import type { RunOperation } from '../../adapters/control/operations.ts';
import type { ControlStore } from '../../adapters/control/store.ts';
import type { JobDocument } from '../../domain/control/job-document.ts';
import {
  decideJobs,
  jobsFrom,
  type JobsEffect,
  type JobsInput,
  type JobsState,
} from '../../domain/control/jobs.ts';
import {
  decideShadow,
  noShadow,
  type Desired,
  type Reported,
  type ShadowAnswer,
  type ShadowEffect,
  type ShadowInput,
} from '../../domain/control/shadow.ts';

export interface ThingOptions {
  topics: TopicClient;
  /** The thing's name in AWS IoT. */
  thing: string;
  store: ControlStore;
  clock: Clock;
  logger: Logger;
  /** What this node is like now. */
  own: () => Reported;
  /** An operator asks for it by the shadow. */
  apply: (desired: Desired) => void;
  run: RunOperation;
  /** Changes with each start of the machine. */
  machineBoot: string;
}

/** The named shadow that is ours; a thing may have others. */
export const shadowName = 'foyer';

const tickMs = 2000;
const answers: readonly ShadowAnswer[] = [
  'get/accepted',
  'get/rejected',
  'update/accepted',
  'update/rejected',
  'update/delta',
];

/** The shadow and the jobs of one node, over whatever carries them. */
export class Thing {
  readonly #options: ThingOptions;
  readonly #shadowRoot: string;
  readonly #jobsRoot: string;
  readonly #subscriptions: TopicSubscription[] = [];
  readonly #ending = new AbortController();
  #shadow = noShadow;
  #jobs: JobsState;
  #timer: Timer | null = null;
  #closed = false;

  constructor(options: ThingOptions) {
    this.#options = options;
    const root = `$aws/things/${options.thing}`;
    this.#shadowRoot = `${root}/shadow/name/${shadowName}/`;
    this.#jobsRoot = `${root}/jobs/`;
    this.#jobs = jobsFrom(options.store.job());
  }

  start(): void {
    const { topics } = this.#options;
    this.#decideShadow({ kind: 'own', own: this.#options.own() });
    this.#subscriptions.push(
      topics.subscribe(
        answers.map((answer) => this.#shadowRoot + answer),
        {
          message: (topic, payload) => this.#hearShadow(topic, payload),
          ready: () => this.#decideShadow({ kind: 'ready' }),
          lost: () => this.#decideShadow({ kind: 'lost' }),
        },
      ),
      topics.subscribe(
        [
          'notify-next',
          'start-next/accepted',
          'start-next/rejected',
          '+/update/accepted',
          '+/update/rejected',
        ].map((path) => this.#jobsRoot + path),
        {
          message: (topic, payload) => this.#hearJobs(topic, payload),
          ready: () => this.#decideJobs({ kind: 'ready' }),
          lost: () => this.#decideJobs({ kind: 'lost' }),
        },
      ),
    );
    this.#tick();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#ending.abort();
    for (const subscription of this.#subscriptions) subscription.close();
    await this.#options.topics.close();
  }

  #tick(): void {
    this.#timer = this.#options.clock.setTimer('thing', tickMs, () => {
      this.#decideShadow({ kind: 'own', own: this.#options.own() });
      this.#decideShadow({ kind: 'tick' });
      this.#decideJobs({ kind: 'tick' });
      this.#tick();
    });
  }

  #hearShadow(topic: string, payload: Uint8Array): void {
    const answer = answers.find((one) => topic === this.#shadowRoot + one);
    const body = this.#read(topic, payload);
    if (answer !== undefined && body !== undefined) {
      this.#decideShadow({ kind: 'answer', answer, body });
    }
  }

  #hearJobs(topic: string, payload: Uint8Array): void {
    const body = this.#read(topic, payload);
    if (body === undefined || !topic.startsWith(this.#jobsRoot)) return;
    const parts = topic.slice(this.#jobsRoot.length).split('/');
    const [first = '', second] = parts;
    const accepted = parts.at(-1) === 'accepted';
    if (first === 'notify-next') this.#decideJobs({ kind: 'notified' });
    else if (second === 'update') {
      this.#decideJobs({ kind: 'update', jobId: first, accepted, body });
    } else if (first === 'start-next') this.#decideJobs({ kind: 'start-next', accepted, body });
  }

  #read(topic: string, payload: Uint8Array): unknown {
    try {
      return JSON.parse(Buffer.from(payload).toString());
    } catch {
      this.#options.logger.warn('thing-unreadable', { topic, sizeBytes: payload.byteLength });
      return undefined;
    }
  }

  #decideShadow(input: ShadowInput): void {
    const { state, effects } = decideShadow(this.#shadow, input, this.#options.clock.monotonicMs());
    this.#shadow = state;
    for (const effect of effects) this.#doShadow(effect);
  }

  #doShadow(effect: ShadowEffect): void {
    const { logger, apply, own } = this.#options;
    switch (effect.kind) {
      case 'publish':
        void this.#publish(this.#shadowRoot + effect.operation, effect.body);
        break;
      case 'apply':
        apply(effect.desired);
        this.#decideShadow({ kind: 'own', own: own() });
        break;
      case 'log':
        logger.warn(effect.event, { code: effect.code });
    }
  }

  #decideJobs(input: JobsInput): void {
    const { clock, machineBoot } = this.#options;
    const context = { machineBoot, nowMs: clock.monotonicMs() };
    const { state, effects } = decideJobs(this.#jobs, input, context);
    this.#jobs = state;
    for (const effect of effects) this.#doJobs(effect);
  }

  #doJobs(effect: JobsEffect): void {
    switch (effect.kind) {
      case 'publish':
        void this.#publish(this.#jobsRoot + effect.topic, effect.body);
        break;
      case 'keep':
        this.#options.store.keepJob(effect.record);
        break;
      case 'run':
        void this.#run(effect.jobId, effect.document, effect.timeoutMs);
    }
  }

  async #run(jobId: string, document: JobDocument, timeoutMs: number): Promise<void> {
    const { clock, logger, run, own } = this.#options;
    logger.info('job-begun', { jobId, operation: document.operation });
    const ending = new AbortController();
    const timer = clock.setTimer('job', timeoutMs, () => ending.abort());
    const signal = AbortSignal.any([ending.signal, this.#ending.signal]);
    const outcome = await run(document, signal);
    timer.cancel();
    // The next start of this program takes it up where it was.
    if (this.#closed) return;
    logger.info('job-ended', { jobId, status: outcome.status, ...outcome.details });
    this.#decideShadow({ kind: 'own', own: own() });
    this.#decideJobs({ kind: 'ended', jobId, outcome });
  }

  async #publish(topic: string, body: object): Promise<void> {
    try {
      await this.#options.topics.publish(topic, Buffer.from(JSON.stringify(body)));
    } catch (error) {
      // It is asked for again once no answer came.
      if (!this.#closed) this.#options.logger.warn('thing-not-told', { reason: String(error) });
    }
  }
}
