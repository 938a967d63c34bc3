import {
  auditoriumRowSchema,
  FoyerError,
  showRowSchema,
  type auditoriumInputSchema,
  type FeedRow,
  type nodesInputSchema,
  type showInputSchema,
  type showPatchSchema,
  type showSchema,
  type ShowNo,
  type TheatreNo,
} from '@foyer/contracts';
import type { z } from 'zod';

import {
  findEntry,
  listEntries,
  listTheatres,
  lockTheatre,
  needAuditorium,
  needShow,
  needTheatre,
  putEntry,
  removeEntry,
  type StoredShow,
} from '../adapters/store/catalogue.ts';
import type { Tx } from '../adapters/store/database.ts';
import { changeOf, removalOf, type FeedChange } from '../domain/feed-rows.ts';
import { sameId } from '../domain/content.ts';
import { admissionNodes, sameNodes } from '../domain/nodes.ts';
import type { PublishedKey, TicketSigner } from '../domain/ports.ts';
import { availability, capacityOf } from '../domain/seats.ts';
import { write, type ServiceContext } from './context.ts';
import { publishTicketKeys } from './ticket-keys.ts';

type AuditoriumInput = z.infer<typeof auditoriumInputSchema>;
type ShowInput = z.infer<typeof showInputSchema>;
type ShowPatch = z.infer<typeof showPatchSchema>;
type Show = z.infer<typeof showSchema>;

const showKeyBytes = 32;

/** Theatres, auditoriums, films, shows and nodes; every change goes to the theatre's feeds. */
export class CatalogueService {
  readonly #context: ServiceContext;
  readonly #signer: TicketSigner;
  readonly #otherKeys: readonly PublishedKey[];

  constructor(
    context: ServiceContext,
    signer: TicketSigner,
    otherKeys: readonly PublishedKey[] = [],
  ) {
    this.#context = context;
    this.#signer = signer;
    this.#otherKeys = otherKeys;
  }

  async putTheatre(theatreNo: TheatreNo, row: FeedRow<'theatre'>) {
    sameId('theatre', theatreNo, row.theatreNo);
    return write(this.#context, theatreNo, async (tx) => {
      await putEntry(tx, theatreNo, 'theatre', theatreNo, row);
      const keys = await this.#publishKeys(tx, theatreNo);
      return { value: row, changes: [changeOf('theatre', row), ...keys] };
    });
  }

  listTheatres() {
    return listTheatres(this.#context.store.db);
  }

  async putAuditorium(theatreNo: TheatreNo, auditorium: string, input: AuditoriumInput) {
    sameId('auditorium', auditorium, input.auditorium);
    return write(this.#context, theatreNo, async (tx) => {
      await this.#lockTheatre(tx, theatreNo);
      const before = await findEntry(tx, theatreNo, 'auditorium', auditorium);
      const sameMap = JSON.stringify(before?.seatMap) === JSON.stringify(input.seatMap);
      if (before !== undefined && !sameMap) await this.#refuseWhereSold(tx, theatreNo, auditorium);
      await putEntry(tx, theatreNo, 'auditorium', auditorium, input);
      const capacity = capacityOf(input.seatMap);
      const row = auditoriumRowSchema.parse({ ...input, capacity });
      return { value: row, changes: [changeOf('auditorium', row)] };
    });
  }

  async putFilm(theatreNo: TheatreNo, filmId: string, row: FeedRow<'film'>) {
    sameId('film', filmId, row.filmId);
    return write(this.#context, theatreNo, async (tx) => {
      await needTheatre(tx, theatreNo);
      await putEntry(tx, theatreNo, 'film', filmId, row);
      return { value: row, changes: [changeOf('film', row)] };
    });
  }

  /** Creates a show, or repeats its creation; a show that differs is not replaced. */
  async putShow(theatreNo: TheatreNo, showNo: ShowNo, input: ShowInput): Promise<Show> {
    sameId('show', showNo, input.showNo);
    return write(this.#context, theatreNo, async (tx) => {
      const theatre = await this.#lockTheatre(tx, theatreNo);
      await needAuditorium(tx, theatreNo, input.auditorium);
      if ((await findEntry(tx, theatreNo, 'film', input.filmId)) === undefined) {
        throw new FoyerError('not-found', `Theatre ${theatreNo} has no film ${input.filmId}.`);
      }
      const before = await findEntry(tx, theatreNo, 'show', showNo);
      if (before !== undefined) return { value: sameShow(before, input, theatre), changes: [] };
      const configEpoch = await latestEpoch(tx, theatreNo);
      const show: StoredShow = { ...input, delayMin: 0, status: 'scheduled', configEpoch };
      await putEntry(tx, theatreNo, 'show', showNo, show);
      const key = Buffer.from(this.#context.random.bytes(showKeyBytes)).toString('base64url');
      await putEntry(tx, theatreNo, 'show-key', showNo, { showNo, key });
      const changes = [
        changeOf('show', showRowSchema.parse(show)),
        changeOf('show-key', { showNo, key }),
      ];
      return { value: { ...show, currency: theatre.currency }, changes };
    });
  }

  async changeShow(theatreNo: TheatreNo, showNo: ShowNo, patch: ShowPatch): Promise<Show> {
    return write(this.#context, theatreNo, async (tx) => {
      const theatre = await this.#lockTheatre(tx, theatreNo);
      const before = await needShow(tx, theatreNo, showNo);
      const show: StoredShow = {
        ...before,
        delayMin: patch.delayMin ?? before.delayMin,
        status: patch.status ?? before.status,
      };
      await putEntry(tx, theatreNo, 'show', showNo, show);
      const changes = [changeOf('show', showRowSchema.parse(show))];
      return { value: { ...show, currency: theatre.currency }, changes };
    });
  }

  async listShows(theatreNo: TheatreNo): Promise<Show[]> {
    const { currency } = await needTheatre(this.#context.store.db, theatreNo);
    const shows = await listEntries(this.#context.store.db, theatreNo, 'show');
    return shows
      .map((show) => ({ ...show, currency }))
      .sort((a, b) => a.startsAtMs - b.startsAtMs || a.showNo - b.showNo);
  }

  async seats(theatreNo: TheatreNo, showNo: ShowNo) {
    const { db } = this.#context.store;
    const show = await needShow(db, theatreNo, showNo);
    const { seatMap } = await needAuditorium(db, theatreNo, show.auditorium);
    const claims = await db
      .selectFrom('seat_claim')
      .select(['seat', 'expires_at_ms as expiresAtMs'])
      .where('theatre_no', '=', theatreNo)
      .where('show_no', '=', showNo)
      .execute();
    return availability(seatMap, claims, this.#context.clock.nowMs());
  }

  /** Sets the nodes; a changed list of voters makes a config epoch that later shows name. */
  async putNodes(theatreNo: TheatreNo, { nodes }: z.infer<typeof nodesInputSchema>) {
    const ids = new Set(nodes.map((node) => node.nodeId));
    if (ids.size !== nodes.length) throw new FoyerError('bad-request', 'A node is named twice.');
    const voters = admissionNodes(nodes);
    if (voters.length === 0) {
      throw new FoyerError('bad-request', 'At least one active gate or theatre node is needed.');
    }
    return write(this.#context, theatreNo, async (tx) => {
      await this.#lockTheatre(tx, theatreNo);
      const changes: FeedChange[] = nodes.map((node) => changeOf('node', node));
      for (const node of await listEntries(tx, theatreNo, 'node')) {
        if (ids.has(node.nodeId)) continue;
        await removeEntry(tx, theatreNo, 'node', node.nodeId);
        changes.push(removalOf('node', node.nodeId));
      }
      for (const node of nodes) await putEntry(tx, theatreNo, 'node', node.nodeId, node);
      const epochs = await listEntries(tx, theatreNo, 'config-epoch');
      const newest = epochs.toSorted((a, b) => a.configEpoch - b.configEpoch).at(-1);
      if (newest !== undefined && sameNodes(newest.admissionNodes, voters)) {
        return { value: newest, changes };
      }
      const epoch = { configEpoch: (newest?.configEpoch ?? 0) + 1, admissionNodes: voters };
      await putEntry(tx, theatreNo, 'config-epoch', epoch.configEpoch, epoch);
      changes.push(changeOf('config-epoch', epoch));
      return { value: epoch, changes };
    });
  }

  /** Brings the keys of this process's configuration into the feed of every theatre. */
  async publishKeys(): Promise<void> {
    for (const { theatreNo } of await this.listTheatres()) {
      await write(this.#context, theatreNo, async (tx) => {
        return { value: undefined, changes: await this.#publishKeys(tx, theatreNo) };
      });
    }
  }

  #publishKeys(tx: Tx, theatreNo: TheatreNo): Promise<FeedChange[]> {
    return publishTicketKeys(tx, theatreNo, this.#signer, this.#otherKeys);
  }

  #lockTheatre(tx: Tx, theatreNo: TheatreNo) {
    return lockTheatre(tx, this.#context.store.kind, theatreNo);
  }

  async #refuseWhereSold(tx: Tx, theatreNo: TheatreNo, auditorium: string): Promise<void> {
    const shows = await listEntries(tx, theatreNo, 'show');
    const showNos = shows.filter((s) => s.auditorium === auditorium).map((s) => s.showNo);
    if (showNos.length === 0) return;
    const claim = await tx
      .selectFrom('seat_claim')
      .select('show_no')
      .where('theatre_no', '=', theatreNo)
      .where('show_no', 'in', showNos)
      .limit(1)
      .executeTakeFirst();
    if (claim === undefined) return;
    throw new FoyerError(
      'wrong-state',
      `Seats of show ${claim.show_no} in ${auditorium} are taken: its seat map stays.`,
      { whatToDo: 'Create another auditorium with the new seat map for later shows.' },
    );
  }
}

function sameShow(before: StoredShow, input: ShowInput, theatre: FeedRow<'theatre'>): Show {
  const same =
    before.filmId === input.filmId &&
    before.auditorium === input.auditorium &&
    before.startsAtMs === input.startsAtMs &&
    before.priceMinor === input.priceMinor;
  if (same) return { ...before, currency: theatre.currency };
  throw new FoyerError('wrong-state', `Show ${input.showNo} exists and differs.`, {
    whatToDo: 'Use another show number, or delay or cancel the show that exists.',
  });
}

/** The newest config epoch; 1 is the first that `putNodes` will make. */
async function latestEpoch(tx: Tx, theatreNo: TheatreNo): Promise<number> {
  const epochs = await listEntries(tx, theatreNo, 'config-epoch');
  return Math.max(1, ...epochs.map((epoch) => epoch.configEpoch));
}
