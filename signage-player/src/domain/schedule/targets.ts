import type { Campaign, Programme, Screen } from '@foyer/contracts';

/** Whether a screen is in any part of a campaign's target; an empty target is every screen. */
export function isTargeted({ target }: Campaign, screen: Screen): boolean {
  const { screens, kinds, groups, tags } = target;
  if (screens.length + kinds.length + groups.length + tags.length === 0) return true;
  return (
    screens.includes(screen.screenId) ||
    kinds.includes(screen.kind) ||
    groups.some((group) => screen.groups.includes(group)) ||
    tags.some((tag) => screen.tags.includes(tag))
  );
}

/** The active campaigns that are for a screen, in the programme's order. */
export function campaignsFor({ campaigns }: Programme, screen: Screen): Campaign[] {
  return campaigns.filter(
    (campaign) => campaign.status === 'active' && isTargeted(campaign, screen),
  );
}

/** Whether a campaign is on only where live state says so, with nothing to show else. */
export const isConditional = ({ conditions, fallbackItem }: Campaign): boolean =>
  conditions.length > 0 && fallbackItem === null;
