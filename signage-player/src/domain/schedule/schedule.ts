import type { LiveView, Programme, Screen } from '@foyer/contracts';

import { indexOf } from './house.ts';
import type { Slot } from './slot.ts';

function targeted(campaign: Programme['campaigns'][number], screen: Screen): boolean {
  const { screens, kinds, groups, tags } = campaign.target;
  if (screens.length + kinds.length + groups.length + tags.length === 0) return true;
  return (
    screens.includes(screen.screenId) ||
    kinds.includes(screen.kind) ||
    groups.some((group) => screen.groups.includes(group)) ||
    tags.some((tag) => screen.tags.includes(tag))
  );
}

const hourMs = 3_600_000;

/** What is on a screen at a moment. */
export function slotAt(
  programme: Programme,
  screenId: string,
  live: LiveView,
  nowMs: number,
): Slot {
  const index = indexOf(programme);
  const screen = index.screens.get(screenId);
  const hour = Math.floor(nowMs / hourMs) * hourMs;
  const none = {
    startMs: hour,
    endMs: hour + hourMs,
    item: null,
    campaignId: null,
    emergency: null,
    decision: null,
    excluded: [],
  };
  const emergency = live.emergencies.find(
    ({ screens }) => screens.length === 0 || screens.includes(screenId),
  );
  if (emergency !== undefined) {
    return { ...none, kind: 'emergency', emergency, code: 'emergency', reason: emergency.text };
  }
  if (screen?.mode === 'standby') {
    return { ...none, kind: 'standby', code: 'standby', reason: 'The screen is on standby.' };
  }
  const loop = programme.campaigns
    .filter((campaign) => screen !== undefined && targeted(campaign, screen))
    .flatMap((campaign) =>
      campaign.items.map((itemId) => ({ campaign, item: index.items.get(itemId) })),
    );
  let atMs = hour;
  for (let turn = 0; loop.length > 0 && turn < 100_000; turn += 1) {
    const { campaign, item } = loop[turn % loop.length] ?? {};
    if (item === undefined || campaign === undefined) continue;
    const endMs = Math.min(hour + hourMs, atMs + item.durationMs);
    if (nowMs < endMs) {
      return {
        ...none,
        kind: 'item',
        startMs: atMs,
        endMs,
        item,
        campaignId: campaign.campaignId,
        code: 'turn',
        reason: `It is the turn of ${campaign.name}.`,
      };
    }
    atMs = endMs;
  }
  return { ...none, kind: 'fallback', code: 'nothing', reason: 'Nothing may be on.' };
}

/** Every slot of a screen that touches [fromMs, toMs), in order, without gaps. */
export function timeline(
  programme: Programme,
  screenId: string,
  live: LiveView,
  fromMs: number,
  toMs: number,
): Slot[] {
  const slots: Slot[] = [];
  let atMs = fromMs;
  while (atMs < toMs) {
    const slot = slotAt(programme, screenId, live, atMs);
    slots.push(slot);
    atMs = slot.endMs;
  }
  return slots;
}
