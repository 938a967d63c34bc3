import { z } from 'zod';

import { jobDocumentSchema, jobTimeoutMs, type JobDocument } from './job-document.ts';

/** How a job ended; `details` are shown to the operator. */
export interface JobOutcome {
  status: 'SUCCEEDED' | 'FAILED' | 'REJECTED';
  details: Readonly<Record<string, string>>;
}

const outcomeSchema = z.object({
  status: z.enum(['SUCCEEDED', 'FAILED', 'REJECTED']),
  details: z.record(z.string(), z.string()),
});

/** What a node keeps of the last job that it began, over restarts. */
export const jobRecordSchema = z.object({
  jobId: z.string(),
  executionNumber: z.int(),
  document: jobDocumentSchema.nullable(),
  /** Which start of the machine it began in. */
  machineBoot: z.string(),
  attempts: z.int(),
  /** Null while it is not known how it ended. */
  outcome: outcomeSchema.nullable(),
});
export type JobRecord = z.output<typeof jobRecordSchema>;

const executionSchema = z.object({
  jobId: z.string().min(1).max(64),
  executionNumber: z.int(),
  versionNumber: z.int(),
  jobDocument: z.unknown(),
});
const startedSchema = z.object({
  clientToken: z.string().optional(),
  execution: executionSchema.optional(),
});
const answeredSchema = z.object({
  clientToken: z.string().optional(),
  code: z.string().optional(),
});

export type JobsInput =
  | { kind: 'ready' }
  | { kind: 'lost' }
  /** `jobs/notify-next`: there may be another one. */
  | { kind: 'notified' }
  | { kind: 'start-next'; accepted: boolean; body: unknown }
  | { kind: 'update'; jobId: string; accepted: boolean; body: unknown }
  /** An operation ended. */
  | { kind: 'ended'; jobId: string; outcome: JobOutcome }
  | { kind: 'tick' };

export type JobsEffect =
  | { kind: 'publish'; topic: string; body: object }
  /** Kept before anything that follows. */
  | { kind: 'keep'; record: JobRecord }
  | { kind: 'run'; jobId: string; document: JobDocument; timeoutMs: number };

export interface JobsState {
  readonly ready: boolean;
  readonly record: JobRecord | null;
  /** The version of the execution, as the service counts it. */
  readonly version: number;
  /** An operation runs in this process. */
  readonly running: boolean;
  readonly waiting: { token: string; untilMs: number } | null;
  /** Something may have been queued since it was last asked for. */
  readonly look: boolean;
  readonly notBeforeMs: number;
  readonly requests: number;
}

export interface JobsContext {
  /** Changes with each start of the machine. */
  machineBoot: string;
  nowMs: number;
}

export function jobsFrom(record: JobRecord | null): JobsState {
  return {
    ready: false,
    record,
    version: 0,
    running: false,
    waiting: null,
    look: false,
    notBeforeMs: 0,
    requests: 0,
  };
}

const answerTimeoutMs = 15_000;
const retryMs = 10_000;
/** A job that ended this process so often is given up. */
const maxAttempts = 3;
/** IoT ends an execution that stays in progress for longer. */
const stepTimeoutMinutes = 30;

interface Step {
  state: JobsState;
  effects: JobsEffect[];
}

function ask(state: JobsState, topic: string, body: object, nowMs: number): Step {
  const token = `foyer-${state.requests + 1}`;
  return {
    state: {
      ...state,
      requests: state.requests + 1,
      waiting: { token, untilMs: nowMs + answerTimeoutMs },
    },
    effects: [{ kind: 'publish', topic, body: { ...body, clientToken: token } }],
  };
}

/** Asks for the next job, when nothing else is under way. */
function proceed(state: JobsState, nowMs: number): Step {
  const { ready, look, running, waiting, notBeforeMs } = state;
  if (!ready || !look || running || waiting !== null || nowMs < notBeforeMs) {
    return { state, effects: [] };
  }
  const body = { stepTimeoutInMinutes: stepTimeoutMinutes };
  return ask({ ...state, look: false }, 'start-next', body, nowMs);
}

function tell(state: JobsState, record: JobRecord, outcome: JobOutcome, nowMs: number): Step {
  const { status, details } = outcome;
  const { executionNumber } = record;
  const body = { status, statusDetails: details, expectedVersion: state.version, executionNumber };
  return ask(state, `${record.jobId}/update`, body, nowMs);
}

/** Keeps how it ended, then tells it. */
function end(state: JobsState, record: JobRecord, outcome: JobOutcome, nowMs: number): Step {
  const ended = { ...record, outcome };
  const told = tell({ ...state, record: ended, running: false }, ended, outcome, nowMs);
  return { state: told.state, effects: [{ kind: 'keep', record: ended }, ...told.effects] };
}

function failed(reason: string): JobOutcome {
  return { status: 'FAILED', details: { reason } };
}

function begin(state: JobsState, record: JobRecord, document: JobDocument): Step {
  const timeoutMs = jobTimeoutMs[document.operation];
  return {
    state: { ...state, record, running: true },
    effects: [
      { kind: 'keep', record },
      { kind: 'run', jobId: record.jobId, document, timeoutMs },
    ],
  };
}

/** A job that was begun before this process started. */
function resume(state: JobsState, record: JobRecord, context: JobsContext): Step {
  const { document, attempts, outcome } = record;
  const { nowMs, machineBoot } = context;
  if (outcome !== null) return tell(state, record, outcome, nowMs);
  if (document === null) return end(state, record, failed('no document'), nowMs);
  if (document.operation === 'reboot') {
    const restarted = record.machineBoot !== machineBoot;
    const done: JobOutcome = { status: 'SUCCEEDED', details: { operation: 'reboot' } };
    return end(state, record, restarted ? done : failed('the machine did not restart'), nowMs);
  }
  if (attempts >= maxAttempts) {
    return end(state, record, failed(`given up after ${attempts} attempts`), nowMs);
  }
  return begin(state, { ...record, attempts: attempts + 1 }, document);
}

function start(state: JobsState, body: unknown, context: JobsContext): Step {
  const { nowMs, machineBoot } = context;
  const parsed = startedSchema.safeParse(body);
  if (!parsed.success) return { state: later(state, nowMs), effects: [] };
  const { execution, clientToken } = parsed.data;
  if (clientToken !== undefined && clientToken !== state.waiting?.token) {
    return { state, effects: [] };
  }
  const next = { ...state, waiting: null };
  if (execution === undefined || state.running) return { state: next, effects: [] };
  const { jobId, executionNumber, versionNumber: version } = execution;
  const known = state.record;
  const at = { ...next, version };
  if (known?.jobId === jobId && known.executionNumber === executionNumber) {
    return resume(at, known, context);
  }
  const document = jobDocumentSchema.safeParse(execution.jobDocument);
  const common = { jobId, executionNumber, machineBoot, attempts: 1, outcome: null };
  if (document.success) {
    return begin(at, { ...common, document: document.data }, document.data);
  }
  const [issue] = document.error.issues;
  const reason = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`;
  const details = { reason: reason.slice(0, 1000) };
  return end(at, { ...common, document: null }, { status: 'REJECTED', details }, nowMs);
}

const later = (state: JobsState, nowMs: number): JobsState => ({
  ...state,
  waiting: null,
  look: true,
  notBeforeMs: nowMs + retryMs,
});

function updated(state: JobsState, input: JobsInput & { kind: 'update' }, nowMs: number): Step {
  const parsed = answeredSchema.safeParse(input.body);
  const token = parsed.success ? parsed.data.clientToken : undefined;
  if (state.waiting === null || token !== state.waiting.token) return { state, effects: [] };
  const next = { ...state, waiting: null, look: true };
  if (input.accepted) return { state: next, effects: [] };
  const code = parsed.success ? parsed.data.code : undefined;
  // The service gave up on it meanwhile, or counts otherwise: the next answer tells.
  const settled = code === 'InvalidStateTransition' || code === 'ResourceNotFound';
  return { state: settled || code === 'VersionMismatch' ? next : later(next, nowMs), effects: [] };
}

/** The jobs of a node, one at a time: asked for, run, and told how they ended. */
export function decideJobs(state: JobsState, input: JobsInput, context: JobsContext): Step {
  const { nowMs } = context;
  const take = (): Step => {
    switch (input.kind) {
      case 'ready':
        return { state: { ...state, ready: true, look: true, waiting: null }, effects: [] };
      case 'lost':
        return { state: { ...state, ready: false, waiting: null }, effects: [] };
      case 'notified':
        return { state: { ...state, look: true }, effects: [] };
      case 'start-next':
        if (input.accepted) return start(state, input.body, context);
        return { state: later(state, nowMs), effects: [] };
      case 'update':
        return updated(state, input, nowMs);
      case 'ended': {
        const { record } = state;
        if (record?.jobId !== input.jobId || record.outcome !== null) {
          return { state: { ...state, running: false }, effects: [] };
        }
        return end(state, record, input.outcome, nowMs);
      }
      case 'tick': {
        const late = state.waiting !== null && nowMs >= state.waiting.untilMs;
        return { state: late ? later(state, nowMs) : state, effects: [] };
      }
    }
  };
  const first = take();
  const then = proceed(first.state, nowMs);
  return { state: then.state, effects: [...first.effects, ...then.effects] };
}
