import { JobQueue, type Execution, type JobRefusal } from './job-queue.ts';
import type { Json } from './shadow-document.ts';
import type { Say } from './shadow-service.ts';

function parse(payload: Uint8Array): { clientToken?: string } {
  try {
    return JSON.parse(Buffer.from(payload).toString()) as { clientToken?: string };
  } catch {
    return {};
  }
}

/** The jobs of all things, answering on the reserved topics. */
export class JobService {
  readonly #queues = new Map<string, JobQueue>();
  readonly #say: Say;
  readonly #nowS: () => number;

  constructor(say: Say, nowS: () => number) {
    this.#say = say;
    this.#nowS = nowS;
  }

  /** Queues a job for a thing and tells it, as CreateJob does. */
  create(thing: string, jobId: string, jobDocument: Json): void {
    const queue = this.#queue(thing);
    const before = queue.next();
    queue.add(jobId, jobDocument, this.#nowS());
    if (before === null) this.#notifyNext(thing);
  }

  end(thing: string, jobId: string, status: 'CANCELED' | 'TIMED_OUT'): void {
    if (this.#queue(thing).end(jobId, status, this.#nowS())) this.#notifyNext(thing);
  }

  execution(thing: string, jobId: string): Execution | null {
    return this.#queue(thing).find(jobId);
  }

  /** @param path behind `$aws/things/THING/jobs/` */
  hear(thing: string, path: string, payload: Uint8Array): void {
    const request = parse(payload);
    const answer = (outcome: object | JobRefusal): void => {
      const { clientToken } = request;
      const common = {
        timestamp: this.#nowS(),
        ...(clientToken === undefined ? {} : { clientToken }),
      };
      const ending = 'code' in outcome ? 'rejected' : 'accepted';
      this.#say(`$aws/things/${thing}/jobs/${path}/${ending}`, { ...outcome, ...common });
    };
    const queue = this.#queue(thing);
    const [first = '', second, more] = path.split('/');
    if (more !== undefined) return;
    if (first === 'start-next' && second === undefined) {
      const outcome = queue.startNext(request, this.#nowS());
      if (outcome === null) answer({});
      else answer('code' in outcome ? outcome : { execution: outcome });
    } else if (second === 'get') {
      const execution = queue.find(first);
      answer(execution === null ? missing(first) : { execution });
    } else if (second === 'update') {
      const outcome = queue.update(first, request, this.#nowS());
      if ('code' in outcome) answer(outcome);
      else {
        const { status, statusDetails, versionNumber } = outcome;
        answer({ executionState: { status, statusDetails, versionNumber } });
        if (status !== 'IN_PROGRESS') this.#notifyNext(thing);
      }
    }
  }

  #notifyNext(thing: string): void {
    const execution = this.#queue(thing).next();
    const timestamp = this.#nowS();
    const message = execution === null ? { timestamp } : { timestamp, execution };
    this.#say(`$aws/things/${thing}/jobs/notify-next`, message);
  }

  #queue(thing: string): JobQueue {
    let queue = this.#queues.get(thing);
    if (queue === undefined) {
      queue = new JobQueue(thing);
      this.#queues.set(thing, queue);
    }
    return queue;
  }
}

const missing = (jobId: string): JobRefusal => ({
  code: 'ResourceNotFound',
  message: `No job ${jobId}.`,
});
