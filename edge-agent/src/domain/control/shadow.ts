import { z } from 'zod';

/** What a node says of itself, small and flat: AWS allows 8 KB and 8 levels. */
export interface Reported {
  /** The version of this program. */
  software: string;
  /** A digest of the configuration in force. */
  config: string;
  /** The hash of the programme that screens follow; null where there is none. */
  programme: string | null;
  /** A closed gate admits nobody. */
  mode: GateMode;
}

export const gateModes = ['open', 'closed'] as const;
export type GateMode = (typeof gateModes)[number];

/** What an operator may ask for; other names are left to who reads them. */
const desiredSchema = z.object({ mode: z.enum(gateModes).optional().catch(undefined) });
export type Desired = z.output<typeof desiredSchema>;

const documentSchema = z.object({
  version: z.int().min(0),
  clientToken: z.string().optional(),
  state: z
    .object({
      desired: desiredSchema.optional(),
      reported: z.record(z.string(), z.json()).optional(),
      delta: desiredSchema.optional(),
    })
    .prefault({}),
});
const deltaSchema = z.object({ version: z.int().min(0), state: desiredSchema });
const updatedSchema = z.object({ version: z.int().min(0), clientToken: z.string().optional() });
const rejectedSchema = z.object({ code: z.int(), clientToken: z.string().optional() });

/** What came on one of the shadow's topics. */
export type ShadowAnswer =
  | 'get/accepted'
  | 'get/rejected'
  | 'update/accepted'
  | 'update/rejected'
  | 'update/delta';

export type ShadowInput =
  /** The topics are listened to, for the first time or again. */
  | { kind: 'ready' }
  | { kind: 'lost' }
  | { kind: 'answer'; answer: ShadowAnswer; body: unknown }
  /** The node's own state may be another one. */
  | { kind: 'own'; own: Reported }
  | { kind: 'tick' };

export type ShadowEffect =
  | { kind: 'publish'; operation: 'get' | 'update'; body: object }
  | { kind: 'apply'; desired: Desired }
  | { kind: 'log'; event: string; code: number };

export interface ShadowState {
  readonly ready: boolean;
  readonly own: Reported | null;
  /** The service's document as last heard; null before the first. */
  readonly known: { version: number; reported: Readonly<Record<string, unknown>> } | null;
  /** A request without its answer yet. */
  readonly waiting: {
    token: string;
    untilMs: number;
    reported: Reported | null;
    overrules: boolean;
  } | null;
  /** Nothing is published before. */
  readonly notBeforeMs: number;
  /** The mode that is desired, as far as it is known. */
  readonly wanted: GateMode | null;
  /** Somebody else set the mode: the next update also says that this is what is desired now. */
  readonly overrules: boolean;
  readonly requests: number;
}

export const noShadow: ShadowState = {
  ready: false,
  own: null,
  known: null,
  waiting: null,
  notBeforeMs: 0,
  wanted: null,
  overrules: false,
  requests: 0,
};

/** Updates are at least so far apart. */
export const minIntervalMs = 10_000;
const answerTimeoutMs = 15_000;

interface Step {
  state: ShadowState;
  effects: ShadowEffect[];
}

/** The names whose value differs; null takes one away. */
function changed(own: Reported, known: Readonly<Record<string, unknown>>): object | null {
  const wanted: Record<string, unknown> = { ...own };
  const names = [...Object.keys(wanted), ...Object.keys(known)];
  const entries = names
    .map((name) => [name, wanted[name] ?? null] as const)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(known[name] ?? null));
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** Sends what is due, one request at a time. */
function proceed(state: ShadowState, nowMs: number): Step {
  const { ready, own, known, waiting, notBeforeMs, overrules } = state;
  if (!ready || waiting !== null || nowMs < notBeforeMs) return { state, effects: [] };
  const token = `foyer-${state.requests + 1}`;
  const ask = (operation: 'get' | 'update', body: object, reported: Reported | null): Step => ({
    state: {
      ...state,
      requests: state.requests + 1,
      waiting: { token, untilMs: nowMs + answerTimeoutMs, reported, overrules },
      notBeforeMs: operation === 'update' ? nowMs + minIntervalMs : notBeforeMs,
    },
    effects: [{ kind: 'publish', operation, body: { ...body, clientToken: token } }],
  });
  if (known === null) return ask('get', {}, null);
  if (own === null) return { state, effects: [] };
  const reported = changed(own, known.reported);
  if (reported === null && !overrules) return { state, effects: [] };
  const desired = overrules ? { desired: { mode: own.mode } } : {};
  const version = known.version === 0 ? {} : { version: known.version };
  return ask('update', { state: { reported: reported ?? {}, ...desired }, ...version }, own);
}

function hear(state: ShadowState, answer: ShadowAnswer, body: unknown, nowMs: number): Step {
  switch (answer) {
    case 'get/accepted': {
      const parsed = documentSchema.safeParse(body);
      if (!parsed.success) return { state, effects: [] };
      const { version, state: document } = parsed.data;
      const { reported = {}, delta, desired } = document;
      const wanted = desired?.mode ?? null;
      return desire({ ...state, waiting: null, known: { version, reported }, wanted }, delta);
    }
    case 'update/delta': {
      const parsed = deltaSchema.safeParse(body);
      if (!parsed.success) return { state, effects: [] };
      const { version, state: delta } = parsed.data;
      // An old one that comes late.
      if (state.known === null || version < state.known.version) return { state, effects: [] };
      return desire({ ...state, known: { ...state.known, version } }, delta);
    }
    case 'update/accepted': {
      const parsed = updatedSchema.safeParse(body);
      if (!parsed.success || state.known === null) return { state, effects: [] };
      const { version, clientToken } = parsed.data;
      const { waiting, known } = state;
      if (version < known.version) return { state, effects: [] };
      if (waiting === null || clientToken !== waiting.token) {
        return { state: { ...state, known: { ...known, version } }, effects: [] };
      }
      if (waiting.reported === null) return { state, effects: [] };
      const { programme, ...rest } = waiting.reported;
      const reported = programme === null ? rest : { ...rest, programme };
      const next = { ...state, waiting: null, known: { version, reported } };
      if (!waiting.overrules) return { state: next, effects: [] };
      return { state: { ...next, overrules: false, wanted: rest.mode }, effects: [] };
    }
    default:
      return refused(state, answer, body, nowMs);
  }
}

function desire(state: ShadowState, delta: Desired | undefined): Step {
  if (delta?.mode === undefined || state.overrules) return { state, effects: [] };
  const wanted = delta.mode;
  return { state: { ...state, wanted }, effects: [{ kind: 'apply', desired: delta }] };
}

function refused(state: ShadowState, answer: ShadowAnswer, body: unknown, nowMs: number): Step {
  const parsed = rejectedSchema.safeParse(body);
  const { waiting } = state;
  if (!parsed.success || waiting === null) return { state, effects: [] };
  const { code, clientToken } = parsed.data;
  if (clientToken !== undefined && clientToken !== waiting.token) return { state, effects: [] };
  if (answer === 'get/rejected' && code === 404) {
    return { state: { ...state, waiting: null, known: { version: 0, reported: {} } }, effects: [] };
  }
  // Whatever it was, the document is asked for anew: a conflict at once, all else later.
  const notBeforeMs = code === 409 ? nowMs : nowMs + minIntervalMs;
  return {
    state: { ...state, waiting: null, known: null, notBeforeMs },
    effects: code === 409 ? [] : [{ kind: 'log', event: 'shadow-refused', code }],
  };
}

/** The shadow of a node: what is told of the node, and what is asked of it. */
export function decideShadow(state: ShadowState, input: ShadowInput, nowMs: number): Step {
  const take = (): Step => {
    switch (input.kind) {
      case 'ready':
        return { state: { ...state, ready: true, known: null, waiting: null }, effects: [] };
      case 'lost':
        return { state: { ...state, ready: false, waiting: null }, effects: [] };
      case 'own': {
        const { own, wanted } = state;
        const { mode } = input.own;
        const isSet = own !== null && own.mode !== mode && wanted !== null && wanted !== mode;
        const overrules = isSet || (state.overrules && wanted !== mode);
        return { state: { ...state, own: input.own, overrules }, effects: [] };
      }
      case 'answer':
        return hear(state, input.answer, input.body, nowMs);
      case 'tick': {
        const late = state.waiting !== null && nowMs >= state.waiting.untilMs;
        return { state: late ? { ...state, waiting: null, known: null } : state, effects: [] };
      }
    }
  };
  const first = take();
  const then = proceed(first.state, nowMs);
  return { state: then.state, effects: [...first.effects, ...then.effects] };
}
