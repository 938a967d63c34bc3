import { openStore } from '@foyer/cloud-sync';
import type { Store } from '@foyer/cloud-sync';
import type { EventBody } from '@foyer/contracts';

import type { CloudEnd, FeedState } from '../checkers/evidence.ts';

const effectTables = ['admission', 'reversal', 'denial', 'alarm'] as const;

/** How often each event's effect is there; a double report's is in the report. */
async function effectsIn({ db }: Store): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const table of effectTables) {
    for (const { event_id } of await db.selectFrom(table).select('event_id').execute()) {
      counts.set(event_id, (counts.get(event_id) ?? 0) + 1);
    }
  }
  return counts;
}

async function feedsIn({ db }: Store): Promise<FeedState[]> {
  const feeds = await db.selectFrom('feed').select(['feed', 'epoch', 'head']).execute();
  const rows = await db
    .selectFrom('feed_row')
    .select(['feed', 'tbl', 'key', 'enc'])
    .where('enc', 'is not', null)
    .execute();
  return feeds.map(({ feed, epoch, head }) => ({
    feed,
    epoch,
    cursor: head,
    rows: new Map(
      rows.flatMap((row) =>
        row.feed === feed && row.enc !== null ? [[`${row.tbl}/${row.key}`, row.enc]] : [],
      ),
    ),
  }));
}

async function eventsIn(store: Store): Promise<CloudEnd['events']> {
  const effects = await effectsIn(store);
  const events = await store.db
    .selectFrom('event')
    .select(['event_id as eventId', 'node', 'incarnation', 'lane', 'seq', 'kind'])
    .execute();
  return events.map((event) => ({
    ...event,
    kind: event.kind as EventBody['kind'],
    effects: event.kind === 'double-report' ? 1 : (effects.get(event.eventId) ?? 0),
  }));
}

/** What the cloud's database holds, read when no worker runs. */
export async function readCloudEnd(database: Parameters<typeof openStore>[0]): Promise<CloudEnd> {
  const store = await openStore(database);
  try {
    const { db } = store;
    const admissions = await db
      .selectFrom('admission')
      .select(['event_id as eventId', 'scan_id as scanId', 'ticket_id as ticketId'])
      .select(['n', 'gate', 'reversed'])
      .execute();
    const reports = await db
      .selectFrom('double_report')
      .select(['ticket_id as ticketId', 'n', 'admissions'])
      .execute();
    return {
      events: await eventsIn(store),
      admissions: admissions.map((row) => ({ ...row, reversed: row.reversed === 1 })),
      reports: reports.map((row) => ({
        ...row,
        admissions: JSON.parse(row.admissions) as CloudEnd['reports'][number]['admissions'],
      })),
      feeds: await feedsIn(store),
      deadLetters: await db.selectFrom('dead_letter').select(['code', 'node']).execute(),
    };
  } finally {
    await store.close();
  }
}
