import { cpus } from 'node:os';

import { FoyerError } from '@foyer/contracts';
import type { Campaign, Programme, Screen } from '@foyer/contracts';
import { percentile, silentHouse } from '@foyer/simulators';
import { houseDayAt, localMinuteAt, slotAt, walk } from '@foyer/signage-player/schedule';
import { z } from 'zod';

import type { Output } from '../output.ts';
import { theatreOf } from './schedule/chain.ts';
import { FairnessMeter, roundRobin } from './schedule/shares.ts';
import type { Fairness } from './schedule/shares.ts';

const optionsSchema = z.object({
  screens: z.coerce.number().int().min(1).max(10_000).default(1000),
  days: z.coerce.number().int().min(1).max(60).default(30),
});
type Options = z.infer<typeof optionsSchema>;

const screensPerTheatre = 100;
const adMs = 10_000;
const dayMs = 86_400_000;
const firstDay = Date.UTC(2026, 9, 20, 12);
const askedAtRandom = 2000;

const how = {
  computed:
    'every slot of every screen from an empty memory; screens of a theatre with the same ' +
    'campaigns share a plan, as they do in a player and in the management page',
  shareError:
    'over single hours of one screen of each theatre and kind with no shows of its own: ' +
    '|share of air time - share of weights|; weights from 1 to 200, no share above one half',
  roundRobin: 'each campaign plays as often in a row as its weight says, then the next',
  decisionMs:
    'processor time of slotAt with all reasons, at random moments on random screens of one ' +
    'theatre; firstDecision: ' +
    'the slowest while nothing of the day was worked out',
};

const isOn = ({ dayparts }: Campaign, minute: number): boolean => {
  const [part] = dayparts;
  if (part === undefined) return true;
  const of = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const [from, to] = [of(part.from), of(part.to)];
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
};

/** The campaigns for a screen, and which of them are open at a moment by the clock on the wall. */
function contest({ campaigns, theatre }: Programme, screen: Screen) {
  const own = campaigns.filter(
    ({ shows, target }) =>
      shows === null &&
      (target.tags.length === 0 || target.tags.some((tag) => screen.tags.includes(tag))),
  );
  const known = new Map<number, string[]>();
  const openAt = (atMs: number): readonly string[] => {
    const quarter = Math.floor(atMs / 900_000);
    let open = known.get(quarter);
    if (open === undefined) {
      const minute = localMinuteAt(theatre.timeZone, quarter * 900_000);
      open = own.filter((each) => isOn(each, minute)).map(({ campaignId }) => campaignId);
      known.set(quarter, open);
    }
    return open;
  };
  const weights = own.map(({ campaignId, weight }) => ({ id: campaignId, weight }));
  return { weights, openAt, weightOf: new Map(weights.map(({ id, weight }) => [id, weight])) };
}

const worst = (all: readonly Fairness[]): Fairness => ({
  shareErrorMax: Math.max(0, ...all.map(({ shareErrorMax }) => shareErrorMax)),
  shareErrorMean:
    all.reduce((sum, { shareErrorMean }) => sum + shareErrorMean, 0) / Math.max(1, all.length),
  longestRun: Math.max(0, ...all.map(({ longestRun }) => longestRun)),
});

interface Run {
  slots: number;
  readonly ours: Fairness[];
  readonly theirs: Fairness[];
}

function measureShares(programme: Programme, fromMs: number, toMs: number, run: Run): void {
  const seen = new Set<string>();
  for (const screen of programme.screens) {
    if (screen.auditorium !== null || seen.has(screen.kind)) continue;
    seen.add(screen.kind);
    const { weights, openAt, weightOf } = contest(programme, screen);
    const ours = new FairnessMeter(weightOf, openAt);
    walk(programme, screen.screenId, silentHouse, fromMs, toMs, ours.visit);
    run.ours.push(ours.fairness);
    const theirs = new FairnessMeter(weightOf, openAt);
    roundRobin(weights, openAt, adMs, fromMs, toMs, theirs.visit);
    run.theirs.push(theirs.fairness);
  }
}

function computeAll(programme: Programme, fromMs: number, days: number, run: Run): void {
  let dayFromMs = fromMs;
  for (let day = 0; day < days; day += 1) {
    const { toMs } = houseDayAt(programme.theatre.timeZone, dayFromMs);
    for (const { screenId } of programme.screens) {
      walk(programme, screenId, silentHouse, dayFromMs, toMs, () => {
        run.slots += 1;
      });
    }
    dayFromMs = toMs;
  }
}

/** Processor time of single decisions, ms: with nothing worked out yet, and then again. */
function decisionTimes(programme: Programme, fromMs: number): { cold: number[]; warm: number[] } {
  const cold = askAtRandom(programme, fromMs);
  return { cold, warm: askAtRandom(programme, fromMs) };
}

function askAtRandom(programme: Programme, fromMs: number): number[] {
  const { screens } = programme;
  return Array.from({ length: askedAtRandom }, (_, no) => {
    const screenId = screens[(no * 37) % screens.length]?.screenId ?? '';
    const atMs = fromMs + ((no * 7919) % 86_400) * 1000;
    const before = process.cpuUsage();
    slotAt(programme, screenId, silentHouse, atMs);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
}

const round = (value: number, digits = 4): number => Number(value.toFixed(digits));

/**
 * `foyer bench schedule`: a chain's screens computed over weeks, and how fairly they share, beside
 * a plain weighted round-robin over the same campaigns.
 */
export async function run(
  given: Readonly<Record<string, unknown>>,
  output: Output,
): Promise<object> {
  const options = parseOptions(given);
  const { screens, days } = options;
  const totals: Run = { slots: 0, ours: [], theirs: [] };
  let computeMs = 0;
  let cpuMs = 0;
  let decisions: { cold: number[]; warm: number[] } = { cold: [], warm: [] };
  for (let left = screens, no = 1; left > 0; left -= screensPerTheatre, no += 1) {
    const programme = theatreOf(no, Math.min(left, screensPerTheatre), days, firstDay);
    const { fromMs } = houseDayAt(programme.theatre.timeZone, firstDay);
    const startMs = performance.now();
    const before = process.cpuUsage();
    computeAll(programme, fromMs, days, totals);
    computeMs += performance.now() - startMs;
    const spent = process.cpuUsage(before);
    cpuMs += (spent.user + spent.system) / 1000;
    measureShares(programme, fromMs, fromMs + days * dayMs, totals);
    if (no === 1)
      decisions = decisionTimes(theatreOf(no, screensPerTheatre, days, firstDay), fromMs);
    output.progress(`${Math.min(no * screensPerTheatre, screens)} screens, ${totals.slots} slots`);
  }
  const [ours, theirs] = [worst(totals.ours), worst(totals.theirs)];
  return {
    screens,
    days,
    slots: totals.slots,
    seconds: round(computeMs / 1000, 2),
    cpuSeconds: round(cpuMs / 1000, 2),
    slotsPerSecond: Math.round((totals.slots / computeMs) * 1000),
    shareErrorOurs: round(ours.shareErrorMax),
    shareErrorMeanOurs: round(ours.shareErrorMean),
    longestRunOurs: ours.longestRun,
    shareErrorRoundRobin: round(theirs.shareErrorMax),
    shareErrorMeanRoundRobin: round(theirs.shareErrorMean),
    longestRunRoundRobin: theirs.longestRun,
    decisionP50Ms: round(percentile(decisions.warm, 0.5), 3),
    decisionP99Ms: round(percentile(decisions.warm, 0.99), 3),
    firstDecisionMaxMs: round(Math.max(...decisions.cold), 1),
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version },
    how,
  };
}

function parseOptions(given: Readonly<Record<string, unknown>>): Options {
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`);
  throw new FoyerError('bad-request', `${wrong.join('; ')}.`, {
    whatToDo: 'Run `foyer bench schedule --help` for the options.',
  });
}
