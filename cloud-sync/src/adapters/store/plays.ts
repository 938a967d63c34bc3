import type { EventBody, PlayEvent, TheatreNo } from '@foyer/contracts';

import { rowsPerStatement, type Tx } from './database.ts';
import type { ReceivedEvent } from './received-event.ts';
import type { PlayTable } from './tables.ts';

/** The lane that plays were told in. */
export interface PlayOrigin {
  theatreNo: TheatreNo;
  node: string;
  incarnation: string;
}

function playRow(
  { theatreNo, node, incarnation }: PlayOrigin,
  { eventId, body, seq }: ReceivedEvent<PlayEvent>,
): PlayTable {
  return {
    theatre_no: theatreNo,
    node,
    play_id: body.playId,
    event_id: eventId,
    incarnation,
    seq,
    screen_id: body.screenId,
    item_id: body.itemId,
    campaign_id: body.campaignId,
    decision_id: body.decisionId,
    programme_hash: body.programmeHash,
    started_at_ms: body.startedAtMs,
    ended_at_ms: body.endedAtMs,
    outcome: body.outcome,
    display: body.display,
    at_ms: body.atMs,
  };
}

/**
 * Keeps plays, each once for its node and playId. One that was told without an end, since nobody
 * knew it, takes the end that is told later.
 */
export async function keepPlays(
  tx: Tx,
  origin: PlayOrigin,
  events: readonly ReceivedEvent<PlayEvent>[],
): Promise<void> {
  const rows = new Map<string, PlayTable>();
  for (const event of events) {
    const row = playRow(origin, event);
    const known = rows.get(row.play_id);
    const better = known?.ended_at_ms === null && row.ended_at_ms !== null;
    if (known === undefined || better) rows.set(row.play_id, row);
  }
  const all = [...rows.values()];
  for (let at = 0; at < all.length; at += rowsPerStatement) {
    await tx
      .insertInto('play')
      .values(all.slice(at, at + rowsPerStatement))
      .onConflict((on) =>
        on
          .columns(['theatre_no', 'node', 'play_id'])
          .doUpdateSet((told) => ({
            event_id: told.ref('excluded.event_id'),
            incarnation: told.ref('excluded.incarnation'),
            seq: told.ref('excluded.seq'),
            ended_at_ms: told.ref('excluded.ended_at_ms'),
            outcome: told.ref('excluded.outcome'),
            display: told.ref('excluded.display'),
            at_ms: told.ref('excluded.at_ms'),
          }))
          .where('play.ended_at_ms', 'is', null)
          .where('excluded.ended_at_ms', 'is not', null),
      )
      .execute();
  }
}

const loggedKinds: ReadonlySet<EventBody['kind']> = new Set([
  'screen-fault',
  'emergency',
  'emergency-shown',
] as const);

/** Keeps faults of screens and emergencies as they were told. */
export async function keepScreenLog(
  tx: Tx,
  theatreNo: TheatreNo,
  events: readonly ReceivedEvent[],
): Promise<void> {
  const rows = events.flatMap(({ eventId, body }) =>
    loggedKinds.has(body.kind) && 'atMs' in body
      ? [
          {
            event_id: eventId,
            theatre_no: theatreNo,
            kind: body.kind,
            at_ms: body.atMs,
            doc: JSON.stringify(body),
          },
        ]
      : [],
  );
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await tx
      .insertInto('screen_log')
      .values(rows.slice(at, at + rowsPerStatement))
      .execute();
  }
}
