/** What a watchdog does, each rung harsher than the one before. */
export const rungs = ['skip', 'reload', 'restart-browser', 'restart-output'] as const;
export type Rung = (typeof rungs)[number];

/** What is wrong with a screen; the words are codes of fault records. */
export type Trouble = 'page-silent' | 'playback-stalled' | 'display-differs';

/** The state of one screen's watchdog; kept on disk, so that its limits hold over restarts. */
export interface WatchState {
  readonly trouble: Trouble | null;
  /** The rung that was last stepped on in this trouble; -1: none yet. */
  readonly rung: number;
  /** No step before this, UTC ms. */
  readonly restUntilMs: number;
  /** Since when nothing was wrong; null while something is. */
  readonly wellSinceMs: number | null;
  /** Steps of the last hour. */
  readonly steps: readonly { readonly rung: Rung; readonly atMs: number }[];
  /** When it was last told that no rung was left. */
  readonly gaveUpAtMs: number;
}

/** What a tick asks. */
export interface WatchInput {
  /** The agent's time, UTC ms. */
  readonly nowMs: number;
  readonly trouble: Trouble | null;
  /** A page has spoken since the player started: before that, no trouble does not mean well. */
  readonly heard: boolean;
  /** Rungs that this box can step on now. */
  readonly able: ReadonlySet<Rung>;
}

export interface WatchStep {
  readonly state: WatchState;
  /** What to do; `none-left`: nothing can be done now, told once an hour. Null: nothing to do. */
  readonly step: Rung | 'none-left' | null;
}

/**
 * How long a rung is given to help, and how often an hour it may be tried. A skip shows within a
 * second, a page loads within three, Chromium starts within ten on a small box.
 */
export const rungLimits: Readonly<Record<Rung, { restMs: number; perHour: number }>> = {
  skip: { restMs: 10_000, perHour: 20 },
  reload: { restMs: 20_000, perHour: 6 },
  'restart-browser': { restMs: 60_000, perHour: 4 },
  'restart-output': { restMs: 180_000, perHour: 2 },
};

const hourMs = 3_600_000;
const longestRestMs = 900_000;
/** Well for so long, a screen begins at the first rung again. */
const wellMs = 60_000;

export const calmState: WatchState = {
  trouble: null,
  rung: -1,
  restUntilMs: 0,
  wellSinceMs: null,
  steps: [],
  gaveUpAtMs: 0,
};

/** The first rung that can help: a page that is silent hears no order to skip. */
const firstRung = (trouble: Trouble): number => (trouble === 'playback-stalled' ? 0 : 1);

// A clock that was set back must neither free every rung at once nor hold them for years.
function settled(state: WatchState, nowMs: number): WatchState {
  const steps = state.steps
    .map(({ rung, atMs }) => ({ rung, atMs: Math.min(atMs, nowMs) }))
    .filter(({ atMs }) => nowMs - atMs < hourMs);
  return {
    ...state,
    steps,
    restUntilMs: Math.min(state.restUntilMs, nowMs + longestRestMs),
    wellSinceMs: state.wellSinceMs === null ? null : Math.min(state.wellSinceMs, nowMs),
    gaveUpAtMs: Math.min(state.gaveUpAtMs, nowMs),
  };
}

/**
 * Decides one tick: the next rung that is able and has tries left this hour. Each further trouble
 * climbs; the highest rung rests twice as long each time, so that a screen with a broken panel is
 * not restarted all day.
 */
export function watch(before: WatchState, input: WatchInput): WatchStep {
  const { nowMs, trouble, heard, able } = input;
  const state = settled(before, nowMs);
  if (trouble === null && !heard) return { state, step: null };
  if (trouble === null) {
    const wellSinceMs = state.wellSinceMs ?? nowMs;
    const isWell = nowMs - wellSinceMs >= wellMs;
    const rest = isWell ? { trouble: null, rung: -1, restUntilMs: 0 } : {};
    return { state: { ...state, wellSinceMs, ...rest }, step: null };
  }
  const troubled = { ...state, trouble, wellSinceMs: null };
  if (nowMs < state.restUntilMs) return { state: troubled, step: null };
  const used = (rung: Rung): number => state.steps.filter((step) => step.rung === rung).length;
  const isFree = (rung: Rung): boolean => able.has(rung) && used(rung) < rungLimits[rung].perHour;
  const from = Math.max(firstRung(trouble), state.rung + 1);
  const next = rungs.findIndex((rung, index) => index >= from && isFree(rung));
  const index = next >= 0 ? next : rungs.findLastIndex((rung, at) => at < from && isFree(rung));
  const rung = index < firstRung(trouble) ? undefined : rungs[index];
  if (rung === undefined) return giveUp(troubled, nowMs);
  const restMs = Math.min(longestRestMs, rungLimits[rung].restMs * 2 ** used(rung));
  const steps = [...state.steps, { rung, atMs: nowMs }];
  return {
    state: { ...troubled, rung: index, restUntilMs: nowMs + restMs, steps },
    step: rung,
  };
}

function giveUp(state: WatchState, nowMs: number): WatchStep {
  const isTold = state.gaveUpAtMs > 0 && nowMs - state.gaveUpAtMs < hourMs;
  if (isTold) return { state, step: null };
  return { state: { ...state, gaveUpAtMs: nowMs }, step: 'none-left' };
}
