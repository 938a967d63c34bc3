import type { FeedRow } from '@foyer/contracts';

/** A film of the house; every title is invented. Ratings are those of an Irish board. */
export type Film = FeedRow<'film'>;

const film = (
  filmId: string,
  title: string,
  runtimeMin: number,
  rating: string,
  minAge = 0,
): Film => ({
  filmId,
  title,
  runtimeMin,
  rating,
  minAge,
});

/** What is on. `minAge` above 0 makes a gate ask its steward to check. */
export const films: readonly Film[] = [
  film('salt-lighthouse', 'The Salt Lighthouse', 118, '12A'),
  film('nine-lanterns', 'Nine Lanterns for Ada', 104, 'PG'),
  film('small-planets', 'A Parade of Small Planets', 131, 'PG'),
  film('orrery', 'Midnight at the Orrery', 126, '15A'),
  film('cartographers-dog', "The Cartographer's Dog", 92, 'G'),
  film('low-tide', 'Low Tide, High Noon', 109, '12A'),
  film('ferrymen', 'Ferrymen', 142, '16', 16),
  film('bluebird', 'The Bluebird Protocol', 115, '12A'),
  film('umbrella', 'An Umbrella in June', 98, 'PG'),
  film('glasshouse', 'What the Glasshouse Kept', 121, '18', 18),
];
