import type { Campaign, Media, Programme, Screen } from '@foyer/contracts';

import { renditionFor } from './rendition.ts';
import type { Rendition } from './rendition.ts';

/** A file that a programme shows on the screens of this box. */
export interface NeededFile extends Rendition {
  /** When it is first on; a file that the look ahead did not meet comes after all that it did. */
  readonly soonestMs: number;
}

const dayMs = 86_400_000;

function isFor({ target }: Campaign, screen: Screen): boolean {
  const { screens, kinds, groups, tags } = target;
  if (screens.length + kinds.length + groups.length + tags.length === 0) return true;
  return (
    screens.includes(screen.screenId) ||
    kinds.includes(screen.kind) ||
    groups.some((group) => screen.groups.includes(group)) ||
    tags.some((tag) => screen.tags.includes(tag))
  );
}

// Two days of grace: no time zone is further from UTC than that, and dayparts run past midnight.
function isOver({ dates }: Campaign, nowMs: number): boolean {
  return dates.to !== null && Date.parse(`${dates.to}T00:00:00Z`) + 3 * dayMs < nowMs;
}

/** Items that a screen may ever show by this programme, from now on. */
function itemsOf(programme: Programme, screen: Screen, nowMs: number): Set<string> {
  const ids = new Set<string>();
  for (const campaign of programme.campaigns) {
    if (campaign.status !== 'active' || !isFor(campaign, screen) || isOver(campaign, nowMs)) {
      continue;
    }
    for (const itemId of campaign.items) ids.add(itemId);
    if (campaign.fallbackItem !== null) ids.add(campaign.fallbackItem);
  }
  return ids;
}

/**
 * The files that `screens` need to show `programme`, the soonest needed first: pictures, films and
 * templates of every campaign that is active, for one of them, and not over. An item whose media
 * row is not in the programme needs nothing: it cannot be shown.
 *
 * @param soonest when each item is first on, UTC ms, as far as somebody looked ahead
 */
export function filesNeeded(
  programme: Programme,
  screens: readonly Screen[],
  nowMs: number,
  soonest: ReadonlyMap<string, number> = new Map(),
): NeededFile[] {
  const mediaOf = new Map(programme.media.map((row) => [row.sha256, row]));
  const items = new Map(programme.items.map((row) => [row.itemId, row]));
  const files = new Map<string, NeededFile>();
  for (const screen of screens) {
    for (const itemId of itemsOf(programme, screen, nowMs)) {
      const content = items.get(itemId)?.content;
      if (content === undefined || content.kind === 'board') continue;
      const media: Media | undefined = mediaOf.get(content.sha256);
      if (media === undefined) continue;
      const file = renditionFor(media, screen);
      const soonestMs = soonest.get(itemId) ?? Number.POSITIVE_INFINITY;
      const known = files.get(file.sha256);
      if (known === undefined || soonestMs < known.soonestMs) {
        files.set(file.sha256, { ...file, soonestMs });
      }
    }
  }
  return [...files.values()].toSorted(
    (one, other) =>
      (one.soonestMs === other.soonestMs ? 0 : one.soonestMs - other.soonestMs) ||
      one.sizeBytes - other.sizeBytes ||
      one.sha256.localeCompare(other.sha256, 'en'),
  );
}
