// Campaigns in words.

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function momentOf({ of, offsetMin }) {
  const name = of.replaceAll('-', ' ');
  if (offsetMin === 0) return name;
  return `${Math.abs(offsetMin)} min ${offsetMin < 0 ? 'before' : 'after'} ${name}`;
}

/** "Fri Sat · 18:00–23:00"; "always". */
export function whenOf({ dates, weekdays, dayparts, shows, conditions }) {
  const parts = [
    dates.from === null && dates.to === null ? null : `${dates.from ?? '…'} to ${dates.to ?? '…'}`,
    weekdays.length === 0 ? null : weekdays.map((day) => days[day - 1]).join(' '),
    dayparts.length === 0 ? null : dayparts.map(({ from, to }) => `${from}–${to}`).join(', '),
    shows === null ? null : `${momentOf(shows.from)} to ${momentOf(shows.to)}`,
    conditions.length === 0 ? null : `by ${conditions.map(({ metric }) => metric).join(', ')}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'always' : parts.join(' · ');
}

/** The screens that a campaign is for. */
export function whereOf({ target: { screens, kinds, groups, tags } }) {
  const all = [...screens, ...kinds, ...groups, ...tags];
  return all.length === 0 ? 'every screen' : all.join(', ');
}
