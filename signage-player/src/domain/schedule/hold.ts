import type { Item, LiveView, Programme } from '@foyer/contracts';

import { ruleBased } from '../ads/index.ts';
import { judgeAll } from './conditions.ts';
import { dayPlanAt } from './day-plan.ts';
import { indexOf } from './house.ts';
import { seatsAt } from './refusals.ts';
import { slotAt } from './schedule.ts';
import type { ScheduleOptions } from './schedule.ts';
import type { Slot } from './slot.ts';

function isSame(a: Item | undefined, b: Item): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** Whether what is on may stay beside a plan that has something else at this moment. */
function mayStay(
  programme: Programme,
  screenId: string,
  live: LiveView,
  nowMs: number,
  playing: Slot & { item: Item },
  planned: Slot,
  decider: NonNullable<ScheduleOptions['decider']>,
): boolean {
  const index = indexOf(programme);
  const screen = index.screens.get(screenId);
  if (screen === undefined || !isSame(index.items.get(playing.item.itemId), playing.item)) {
    return false;
  }
  const plan = dayPlanAt(programme, screen, live.delays, nowMs, decider);
  const seats = [plan.base, ...plan.overlays].flatMap((lane) => seatsAt(lane, nowMs));
  const priorityOf = (campaignId: string | null): number =>
    seats.find(({ campaign }) => campaign.campaignId === campaignId)?.campaign.priority ?? -1;
  const seat = seats.find(({ campaign }) => campaign.campaignId === playing.campaignId);
  if (seat === undefined || seat.campaign.priority < priorityOf(planned.campaignId)) return false;
  const { holds } = judgeAll(index, screen, seat.campaign, live, nowMs);
  if (playing.code === 'condition-fallback') {
    return holds !== 'yes' && seat.fallback?.item.itemId === playing.item.itemId;
  }
  const isOpen = seat.items.some((open) => open?.item.itemId === playing.item.itemId);
  return isOpen && holds === 'yes';
}

/**
 * What a screen that shows `playing` shows now. A new programme, or a delay that was told twice,
 * may give this moment to something else: then the item that is on stays until its own end, if it
 * still
 * may be on, and the plan goes on from there. Screens that were in step stay so.
 * @param playing what this function, or `slotAt`, answered last; null: nothing yet.
 */
export function slotNow(
  programme: Programme,
  screenId: string,
  live: LiveView,
  nowMs: number,
  playing: Slot | null,
  options: ScheduleOptions = {},
): Slot {
  const planned = slotAt(programme, screenId, live, nowMs, options);
  if (planned.kind === 'emergency' || planned.kind === 'standby') return planned;
  if (playing === null) return planned;
  const { item } = playing;
  if (item === null || nowMs < playing.startMs || nowMs >= playing.endMs) return planned;
  if (planned.startMs === playing.startMs && isSame(planned.item ?? undefined, item)) {
    return planned;
  }
  const { decider = ruleBased } = options;
  const on = { ...playing, item };
  return mayStay(programme, screenId, live, nowMs, on, planned, decider) ? playing : planned;
}
