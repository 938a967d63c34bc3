import type { Campaign } from '@foyer/contracts';

import type { AdDecider, AdDecision } from '../ads/index.ts';
import { judgeAll } from './conditions.ts';
import { admissible } from './engine.ts';
import type { Account, Contender, LaneState } from './engine.ts';
import { clockOf, seatsAt, standingRefusals, windowText } from './refusals.ts';
import { requestOf } from './request.ts';
import type { Shown, Viewer } from './resolve.ts';
import type { Seat } from './segments.ts';
import { windowOf } from './shows.ts';
import type { Exclusion, ExclusionCode, InclusionCode } from './slot.ts';
import { showsOf } from './windows.ts';

const secondsOf = (ms: number): string => `${Math.round(ms / 1000)} s`;

type Explained = Account & { state: LaneState };

/** Which show a campaign's window is about, in words; "" where it is about none. */
function showText({ plan, live }: Viewer, { shows }: Campaign, atMs: number): string {
  if (shows === null) return '';
  const { index } = plan.frame;
  for (const show of showsOf(plan.frame, shows)) {
    const told = live.delays.find(({ showNo }) => showNo === show.showNo);
    const delayMin = told === undefined || atMs < told.atMs ? show.delayMin : told.delayMin;
    const window = windowOf(index, show, delayMin, shows);
    if (window === null || atMs < window.fromMs || atMs >= window.toMs) continue;
    const film = index.films.get(show.filmId)?.title ?? show.filmId;
    const hall = index.auditoriums.get(show.auditorium)?.name ?? show.auditorium;
    const starts = clockOf(plan, show.startsAtMs + delayMin * 60_000);
    const late = delayMin > 0 ? `, ${delayMin} min late` : '';
    return ` It is on ${windowText(shows)}: ${film} starts at ${starts} in ${hall}${late}.`;
  }
  return ` It is on ${windowText(shows)}.`;
}

function turnText({ seat }: Shown, { contenders }: Account): string {
  const { name, weight, priority } = seat.campaign;
  const weights = contenders.reduce((sum, each) => sum + each.seat.campaign.weight, 0);
  if (contenders.length < 2) return `${name}: no other campaign of priority ${priority} may be on.`;
  const share = Math.round((100 * weight) / Math.max(1, weights));
  return `${name} has its turn: ${share} % of the air time of ${contenders.length} campaigns.`;
}

/** The sentence for what is on. */
export function inclusionOf(
  viewer: Viewer,
  shown: Shown,
  account: Account,
): { code: InclusionCode; reason: string } {
  const { seat, turn } = shown;
  const show = showText(viewer, seat.campaign, turn.startMs);
  if (shown.code === 'turn') {
    const code = account.contenders.length < 2 ? 'only' : 'turn';
    return { code, reason: `${turnText(shown, account)}${show}` };
  }
  const asked = turn.seat?.campaign ?? seat.campaign;
  const { text } = judgeAll(
    viewer.plan.frame.index,
    viewer.screen,
    asked,
    viewer.live,
    turn.startMs,
  );
  const why = text === '' ? 'its condition fails' : text;
  return shown.code === 'condition-fallback'
    ? { code: shown.code, reason: `In place of ${asked.name}: ${why}.${show}` }
    : { code: shown.code, reason: `${seat.campaign.name} stands in for ${asked.name}: ${why}.` };
}

interface Comparison {
  readonly shown: Shown | null;
  readonly account: Explained | null;
}

function contenderReason(
  contender: Contender,
  { shown, account }: Comparison,
): { code: ExclusionCode; reason: string } {
  const chosen = account?.contenders.find(({ seat }) => seat.no === shown?.turn.seat?.no);
  if (!contender.fits && chosen?.fits === true) {
    return { code: 'does-not-fit', reason: 'It would be cut off before its end.' };
  }
  const owed = account?.state.owedMs[contender.seat.no] ?? 0;
  const more = account?.state.owedMs[shown?.turn.seat?.no ?? -1] ?? 0;
  if (contender.repeats && owed > more) {
    return { code: 'repeat', reason: 'It was on just before.' };
  }
  const said = (ms: number): string =>
    ms >= 0 ? `is owed ${secondsOf(ms)}` : `is ${secondsOf(-ms)} ahead`;
  return { code: 'turn', reason: `It ${said(owed)}; the one that is on ${said(more)}.` };
}

const refusalText: Readonly<Partial<Record<ExclusionCode, string>>> = {
  cap: 'It has had as many plays as an hour may hold.',
  separation: 'One of its category was on too recently.',
  'lower-priority': 'Campaigns of a higher priority are on.',
};

function liveRefusal(
  viewer: Viewer,
  { campaign }: Seat,
  atMs: number,
): Omit<Exclusion, 'campaignId' | 'itemId'> | null {
  if (campaign.conditions.length === 0 || campaign.fallbackItem !== null) return null;
  const { index } = viewer.plan.frame;
  const { holds, text } = judgeAll(index, viewer.screen, campaign, viewer.live, atMs);
  if (holds === 'yes') return null;
  const code = holds === 'no' ? 'condition' : 'condition-unknown';
  const stale = holds === 'no' ? '' : ' Live state is silent or too old.';
  return { code, reason: `Its condition fails: ${text}.${stale}` };
}

function seatRefusal(
  viewer: Viewer,
  seat: Seat,
  compared: Comparison,
  atMs: number,
): Omit<Exclusion, 'campaignId' | 'itemId'> {
  const byLive = liveRefusal(viewer, seat, atMs);
  if (byLive !== null) return byLive;
  const { shown, account } = compared;
  const refused = account?.refused.find((each) => each.seat.campaign === seat.campaign);
  if (refused !== undefined) {
    return { code: refused.code, reason: refusalText[refused.code] ?? 'It is not its turn.' };
  }
  const contender = account?.contenders.find((each) => each.seat.campaign === seat.campaign);
  if (contender !== undefined) return contenderReason(contender, compared);
  if ((shown?.turn.seat?.campaign.priority ?? -1) > seat.campaign.priority) {
    return { code: 'lower-priority', reason: refusalText['lower-priority'] ?? '' };
  }
  return { code: 'turn', reason: 'It is considered when this item ends.' };
}

/** Why everything but what is shown is not: each other campaign, and items that may not be on. */
export function exclusionsAt(
  viewer: Viewer,
  atMs: number,
  shown: Shown | null,
  account: Explained | null,
): readonly Exclusion[] {
  const { plan } = viewer;
  const standing = standingRefusals(plan, atMs);
  const seats = [plan.base, ...plan.overlays].flatMap((lane) => seatsAt(lane, atMs));
  const others = seats
    .filter((seat) => seat.campaign !== shown?.seat.campaign)
    .map((seat) => ({
      campaignId: seat.campaign.campaignId,
      itemId: null,
      ...seatRefusal(viewer, seat, { shown, account }, atMs),
    }));
  const own = new Set(seats.map(({ campaign }) => campaign.campaignId));
  const rest = standing.filter(({ campaignId, itemId }) => itemId !== null || !own.has(campaignId));
  return others.length === 0 ? rest : [...others, ...rest];
}

/** The decision behind a promotion's turn; null where none was asked. */
export function decisionOf(
  viewer: Viewer,
  shown: Shown,
  account: Explained,
  excluded: readonly Exclusion[],
  decider: AdDecider,
): AdDecision | null {
  if (shown.code !== 'turn' || shown.seat.campaign.slot !== 'promotion') return null;
  const promotions = admissible(account.state, account.contenders).filter(
    ({ seat }) => seat.campaign.slot === 'promotion',
  );
  const { frame } = viewer.plan;
  return decider.decide(requestOf(frame, viewer.screen, promotions, account.state, excluded));
}
