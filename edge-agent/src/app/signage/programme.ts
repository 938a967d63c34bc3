import { rowOf, type ReplicaStore } from '@foyer/cloud-sync/engine';
import { canonicalJson, type FeedRow, type FeedTable, type Programme } from '@foyer/contracts';
import { sha256Hex } from '@foyer/platform/node';
import { dayNumberIn } from '../shows.ts';

/** Days of shows: yesterday's, and those that a board looks ahead to. */
const daysBefore = 1;
const daysAhead = 8;
const most = {
  screens: 256,
  auditoriums: 64,
  films: 1000,
  shows: 5000,
  media: 2000,
  items: 2000,
  campaigns: 1000,
} as const;

type Rows = <T extends FeedTable>(table: T, limit: number) => FeedRow<T>[];

/** Rows of the house in the order of their keys, so that every node lists them alike. */
function rowsOf(replica: Pick<ReplicaStore, 'all'>): Rows {
  return (table, limit) =>
    replica
      .all('house', table)
      .flatMap((record) => {
        const row = rowOf(table, record);
        return row === null ? [] : [{ key: record.key, row }];
      })
      .toSorted((one, other) => (one.key < other.key ? -1 : 1))
      .slice(0, limit)
      .map(({ row }) => row);
}

function build(rows: Rows, nowMs: number): Programme | null {
  const [theatre] = rows('theatre', 1);
  const [signage] = rows('signage', 1);
  if (theatre === undefined || signage === undefined) return null;
  const day = dayNumberIn(theatre.timeZone);
  const today = day(nowMs);
  const shows = rows('show', Number.POSITIVE_INFINITY)
    .filter(({ startsAtMs }) => {
      const showDay = day(startsAtMs);
      return showDay >= today - daysBefore && showDay <= today + daysAhead;
    })
    .slice(0, most.shows);
  const filmIds = new Set(shows.map(({ filmId }) => filmId));
  const content = {
    theatre,
    signage,
    screens: rows('screen', most.screens),
    auditoriums: rows('auditorium', most.auditoriums),
    films: rows('film', Number.POSITIVE_INFINITY)
      .filter(({ filmId }) => filmIds.has(filmId))
      .slice(0, most.films),
    shows,
    media: rows('media', most.media),
    items: rows('item', most.items),
    campaigns: rows('campaign', most.campaigns),
  };
  return { hash: sha256Hex(canonicalJson(content)), ...content };
}

/** The programme of the replica's house, kept until the house changes or the day does. */
export class ProgrammeKeeper {
  readonly #replica: Pick<ReplicaStore, 'all' | 'version'>;
  #kept: { version: number; day: number; programme: Programme | null } | null = null;
  #screens: { version: number; rows: readonly FeedRow<'screen'>[] } | null = null;

  constructor(replica: Pick<ReplicaStore, 'all' | 'version'>) {
    this.#replica = replica;
  }

  /** The rows of screens; there may be some before there is a programme. */
  screens(): readonly FeedRow<'screen'>[] {
    const version = this.#replica.version('house');
    if (this.#screens?.version !== version) {
      this.#screens = { version, rows: rowsOf(this.#replica)('screen', most.screens) };
    }
    return this.#screens.rows;
  }

  /** Null while the rows of the theatre or of its signage are missing. */
  get(nowMs: number): Programme | null {
    const version = this.#replica.version('house');
    const kept = this.#kept;
    if (kept?.version === version) {
      const zone = kept.programme?.theatre.timeZone;
      if (zone === undefined || dayNumberIn(zone)(nowMs) === kept.day) return kept.programme;
    }
    const programme = build(rowsOf(this.#replica), nowMs);
    const day = programme === null ? 0 : dayNumberIn(programme.theatre.timeZone)(nowMs);
    this.#kept = { version, day, programme };
    return programme;
  }
}
