import { FoyerError } from '@foyer/contracts';
import type { SignageView } from '@foyer/contracts';
import type { Slot } from '@foyer/signage-player/schedule';
import type { Command } from 'commander';

import { createOutput, type Output } from '../output.ts';

interface ScheduleFlags {
  readonly list?: boolean;
  readonly screen?: string;
  readonly at?: string;
  readonly for: string;
  readonly agent?: string;
  readonly seed: string;
  readonly why?: boolean;
  readonly json?: boolean;
}

type Programme = NonNullable<SignageView['programme']>;
type View = Pick<SignageView, 'live'> & { readonly programme: Programme };

const answerWithinMs = 5_000;
const longestMs = 32 * 86_400_000;
/** The clock of the seeded theatre's world: its evening is arranged around it. */
const seededHour = 15;

const badOption = (message: string, whatToDo: string): FoyerError =>
  new FoyerError('bad-request', message, { whatToDo });

/** Asks an agent what its screens are given. */
async function viewOfAgent(agentUrl: string): Promise<View> {
  const { signageOperations, signageViewSchema } = await import('@foyer/contracts');
  if (!URL.canParse(agentUrl)) {
    throw badOption(`--agent is "${agentUrl}".`, 'Give a URL, such as http://127.0.0.1:7801.');
  }
  const url = new URL(signageOperations.signage.path, agentUrl);
  const response = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) }).catch(
    (cause: unknown) => {
      throw new FoyerError('link-down', `No agent answers at ${url.origin}.`, {
        cause,
        whatToDo: 'Look at the URL: `foyer up` and the console print those of its agents.',
      });
    },
  );
  const view = signageViewSchema.safeParse(await response.json().catch(() => null));
  if (!response.ok || !view.success) {
    const said = response.ok ? 'something else than a signage view' : `${response.status}`;
    throw new FoyerError('unparsable', `${url.href} answers ${said}.`, {
      whatToDo: 'Give the URL of an agent of this version.',
    });
  }
  const { programme, live } = view.data;
  if (programme === null) {
    throw new FoyerError('not-found', `The agent at ${url.origin} has no programme yet.`, {
      whatToDo: 'Try again when its replica of the house feed is whole.',
    });
  }
  return { programme, live };
}

/** The seeded theatre on the day of a moment, with nobody in it. */
async function viewOfSeed(seedText: string, atMs: number): Promise<View> {
  const seed = Number(seedText);
  if (!Number.isInteger(seed) || seed < 0) {
    throw badOption(`--seed is "${seedText}".`, 'Give a whole number.');
  }
  const { seededProgramme, silentHouse, theatreZone } = await import('@foyer/simulators');
  const { houseDayAt } = await import('@foyer/signage-player/schedule');
  const { fromMs } = houseDayAt(theatreZone, atMs);
  const nowMs = fromMs + seededHour * 3_600_000;
  return { programme: seededProgramme({ seed, nowMs }), live: silentHouse };
}

const zoned = /(?:Z|[+-]\d\d:\d\d)$/;
const readable = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(?:Z|[+-]\d\d:\d\d)?$/;

/** A moment as the command line gives it; without an offset it is one of the theatre's clocks. */
async function momentOf(text: string | undefined, zone: string): Promise<number> {
  if (text === undefined) return Date.now();
  const { momentOfReading } = await import('@foyer/signage-player/schedule');
  const wallMs = Date.parse(
    zoned.test(text) ? text : `${text.length > 10 ? text : `${text}T00:00`}Z`,
  );
  // Date.parse takes the 30th of February for the 2nd of March.
  const day = text.slice(0, 10);
  const isDay = new Date(`${day}T00:00Z`).getUTCDate() === Number(day.slice(8));
  if (!readable.test(text) || Number.isNaN(wallMs) || !isDay) {
    throw badOption(
      `--at is "${text}".`,
      'Give a date and time, such as 2026-11-21T18:00:00-06:00, or 2026-11-21T18:00 on its clocks.',
    );
  }
  return zoned.test(text) ? wallMs : momentOfReading(zone, wallMs);
}

async function viewOf(flags: ScheduleFlags): Promise<View & { atMs: number }> {
  if (flags.agent !== undefined) {
    const view = await viewOfAgent(flags.agent);
    return { ...view, atMs: await momentOf(flags.at, view.programme.theatre.timeZone) };
  }
  const { theatreZone } = await import('@foyer/simulators');
  const atMs = await momentOf(flags.at, theatreZone);
  return { ...(await viewOfSeed(flags.seed, atMs)), atMs };
}

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const last = widths.length - 1;
  return rows
    .map((row) => row.map((cell, at) => (at === last ? cell : cell.padEnd(widths[at] ?? 0))))
    .map((row) => row.join('  '))
    .join('\n');
};

function list({ programme }: View, output: Output): void {
  const screens = programme.screens.map((screen) => ({
    screen: screen.screenId,
    name: screen.name,
    kind: screen.kind,
    auditorium: screen.auditorium,
    box: screen.nodeId,
    size: `${screen.widthPx}x${screen.heightPx}`,
    groups: screen.groups,
    tags: screen.tags,
    mode: screen.mode,
  }));
  const rows = screens.map(({ screen, name, kind, box, size, auditorium, groups, tags, mode }) => {
    const place = auditorium === null ? [] : [`auditorium ${auditorium}`];
    const more = [...place, ...groups, ...tags, ...(mode === 'standby' ? ['standby'] : [])];
    return [screen, kind, size, box, name, more.join(', ')];
  });
  const text = table([['SCREEN', 'KIND', 'SIZE', 'BOX', 'NAME', 'GROUPS AND TAGS'], ...rows]);
  output.result({ theatre: programme.theatre.name, screens }, text);
}

/** Hours in which one thing goes on are told as one line. */
function mergedSlots(slots: readonly Slot[]): Slot[] {
  const merged: Slot[] = [];
  for (const slot of slots) {
    const last = merged.at(-1);
    const goesOn = last?.kind === slot.kind && slot.kind !== 'item' && last.reason === slot.reason;
    if (goesOn && last !== undefined) merged[merged.length - 1] = { ...last, endMs: slot.endMs };
    else merged.push(slot);
  }
  return merged;
}

async function day(flags: ScheduleFlags, screenId: string, output: Output): Promise<void> {
  const { parseDuration } = await import('@foyer/simulators');
  const { isoInZone, timeline } = await import('@foyer/signage-player/schedule');
  const { programme, live, atMs } = await viewOf(flags);
  const known = programme.screens.map((screen) => screen.screenId);
  if (!known.includes(screenId)) {
    throw new FoyerError('not-found', `There is no screen "${screenId}".`, {
      whatToDo: `Give one of ${known.join(', ')}.`,
    });
  }
  const forMs = parseDuration(flags.for);
  if (forMs === 0 || forMs > longestMs) {
    throw badOption(`--for is "${flags.for}".`, 'Give more than nothing, and at most 32 days.');
  }
  const { timeZone } = programme.theatre;
  const slots = mergedSlots(timeline(programme, screenId, live, atMs, atMs + forMs));
  const items = slots.map((slot) => ({
    start: isoInZone(timeZone, slot.startMs),
    end: isoInZone(timeZone, slot.endMs),
    item: slot.item?.itemId ?? null,
    reason: slot.reason,
    kind: slot.kind,
    campaign: slot.campaignId,
    ...(flags.why === true ? { decision: slot.decision, excluded: slot.excluded } : {}),
  }));
  const rows = slots.flatMap((slot, at) => {
    const { start = '', item = null, reason = '' } = items[at] ?? {};
    const seconds = `${Math.round((slot.endMs - slot.startMs) / 1000)} s`;
    const line = [start.replace('T', ' ').slice(0, 19), seconds, item ?? `(${slot.kind})`, reason];
    if (flags.why !== true) return [line];
    const others = slot.excluded.map(({ campaignId, itemId, code, reason: why }) => [
      '',
      '',
      `- ${itemId ?? campaignId}`,
      `${code}: ${why}`,
    ]);
    return [line, ...others];
  });
  output.progress(`${screenId}, ${programme.theatre.name}, on the clocks of ${timeZone}`);
  output.result({ screen: screenId, items }, table([['START', 'FOR', 'ITEM', 'WHY'], ...rows]));
}

async function schedule(flags: ScheduleFlags): Promise<void> {
  const output = createOutput(flags);
  if (flags.list === true) return list(await viewOf(flags), output);
  if (flags.screen === undefined) {
    throw badOption('No screen is named.', 'Give --screen ID; --list prints the screens.');
  }
  return day(flags, flags.screen, output);
}

/** `foyer schedule`: what a screen shows at any time, and why. */
export function registerSchedule(program: Command): void {
  program
    .command('schedule')
    .description('print what a screen shows, when, and why')
    .option('--list', 'print the screens')
    .option('--screen <id>', 'the screen, such as lobby-1')
    .option('--at <time>', 'from when, as 2026-11-21T18:00:00-06:00 (default: now)')
    .option('--for <time>', 'how long, as 30m, 24h or 720h', '1h')
    .option('--agent <url>', 'of this agent, with its live state; without it the seeded theatre')
    .option('--seed <number>', 'of the seeded theatre', '1')
    .option('--why', 'say of everything else why it is not on')
    .option('--json', 'print one JSON object on the last line')
    .action(schedule);
}
