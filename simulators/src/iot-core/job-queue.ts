import { z } from 'zod';

import type { Json } from './shadow-document.ts';

export const jobStatuses = [
  'QUEUED',
  'IN_PROGRESS',
  'SUCCEEDED',
  'FAILED',
  'REJECTED',
  'TIMED_OUT',
  'CANCELED',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** One job at one thing, as messages show it; times in seconds. */
export interface Execution {
  jobId: string;
  thingName: string;
  jobDocument: Json;
  status: JobStatus;
  statusDetails: Record<string, string>;
  queuedAt: number;
  lastUpdatedAt: number;
  startedAt?: number;
  versionNumber: number;
  executionNumber: number;
}

const detailsSchema = z
  .record(z.string().min(1).max(128), z.string().min(1).max(1024))
  .refine((details) => Object.keys(details).length <= 10);

const updateSchema = z.object({
  status: z.enum(['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED']),
  statusDetails: detailsSchema.optional(),
  expectedVersion: z.int().min(0).optional(),
  executionNumber: z.int().min(0).optional(),
});
const startSchema = z.object({ statusDetails: detailsSchema.optional() });

export interface JobRefusal {
  code: 'InvalidRequest' | 'ResourceNotFound' | 'VersionMismatch' | 'InvalidStateTransition';
  message: string;
}

const isOver = ({ status }: Execution): boolean => status !== 'QUEUED' && status !== 'IN_PROGRESS';

/** The job executions of one thing, in the order that they were queued. */
export class JobQueue {
  readonly #thing: string;
  readonly #executions: Execution[] = [];

  constructor(thing: string) {
    this.#thing = thing;
  }

  add(jobId: string, jobDocument: Json, nowS: number): void {
    this.#executions.push({
      jobId,
      thingName: this.#thing,
      jobDocument,
      status: 'QUEUED',
      statusDetails: {},
      queuedAt: nowS,
      lastUpdatedAt: nowS,
      versionNumber: 1,
      executionNumber: 1,
    });
  }

  find(jobId: string): Execution | null {
    return this.#executions.find((one) => one.jobId === jobId) ?? null;
  }

  /** The one in progress, or else the first that is queued. */
  next(): Execution | null {
    const open = this.#executions.filter((one) => !isOver(one));
    return open.find(({ status }) => status === 'IN_PROGRESS') ?? open[0] ?? null;
  }

  pending(): Execution[] {
    return this.#executions.filter((one) => !isOver(one));
  }

  startNext(request: unknown, nowS: number): Execution | JobRefusal | null {
    const parsed = startSchema.safeParse(request);
    if (!parsed.success) return { code: 'InvalidRequest', message: parsed.error.message };
    const next = this.next();
    if (next?.status === 'QUEUED') {
      next.status = 'IN_PROGRESS';
      next.startedAt = nowS;
      next.statusDetails = parsed.data.statusDetails ?? {};
      this.#touch(next, nowS);
    }
    return next;
  }

  update(jobId: string, request: unknown, nowS: number): Execution | JobRefusal {
    const parsed = updateSchema.safeParse(request);
    if (!parsed.success) return { code: 'InvalidRequest', message: parsed.error.message };
    const execution = this.find(jobId);
    if (execution === null) return { code: 'ResourceNotFound', message: `No job ${jobId}.` };
    const { status, statusDetails, expectedVersion, executionNumber } = parsed.data;
    if (executionNumber !== undefined && executionNumber !== execution.executionNumber) {
      return { code: 'ResourceNotFound', message: `No execution ${executionNumber}.` };
    }
    if (isOver(execution)) {
      return { code: 'InvalidStateTransition', message: `It is ${execution.status} already.` };
    }
    if (expectedVersion !== undefined && expectedVersion !== execution.versionNumber) {
      return { code: 'VersionMismatch', message: `It is version ${execution.versionNumber}.` };
    }
    execution.status = status;
    execution.startedAt ??= nowS;
    if (statusDetails !== undefined) execution.statusDetails = statusDetails;
    this.#touch(execution, nowS);
    return execution;
  }

  /** Cancelled or timed out from outside; false when it was over already. */
  end(jobId: string, status: 'CANCELED' | 'TIMED_OUT', nowS: number): boolean {
    const execution = this.find(jobId);
    if (execution === null || isOver(execution)) return false;
    execution.status = status;
    this.#touch(execution, nowS);
    return true;
  }

  #touch(execution: Execution, nowS: number): void {
    execution.lastUpdatedAt = nowS;
    execution.versionNumber += 1;
  }
}
