import type { EventBody } from '@foyer/contracts';
import type { Checker, RunEvidence, SeenEvent, Violation } from './evidence.ts';
import { viewOf } from './view.ts';

type Numbered = Pick<SeenEvent, 'node' | 'incarnation' | 'lane' | 'seq' | 'eventId'>;

const laneOf = ({ node, incarnation, lane }: Omit<Numbered, 'seq' | 'eventId'>): string =>
  `${node}/${incarnation}/${lane}`;

/**
 * What a node holds to be durable is in the cloud: every event that it numbered up to its lane's
 * `durableSeq`, by event id. An acknowledgement of a broker or a relay never counts. The only
 * exception are events that were lost with the disks that alone held them, as when the cloud was
 * set back to a backup and the node had forgotten them by then.
 */
export const checkAcknowledged: Checker = (evidence) => {
  const { inCloud, lost } = viewOf(evidence);
  const durable = new Map<string, number>();
  const wrong: Violation[] = [];
  const law = 'acknowledged-implies-in-cloud';
  for (const { node, lanes } of evidence.nodes) {
    for (const { incarnation, lane, lastSeq, durableSeq } of lanes) {
      const key = laneOf({ node, incarnation, lane });
      durable.set(key, durableSeq);
      if (durableSeq <= lastSeq) continue;
      wrong.push({
        law,
        detail: `${key} is durable to ${durableSeq}, and was written to ${lastSeq}`,
      });
    }
  }
  const told = new Set<string>();
  for (const event of allEvents(evidence)) {
    const { eventId, seq } = event;
    if (inCloud.has(eventId) || lost.has(eventId) || told.has(eventId)) continue;
    const upTo = durable.get(laneOf(event)) ?? 0;
    if (seq > upTo) continue;
    told.add(eventId);
    const name = `${laneOf(event)} ${seq} (${event.body.kind}, event ${eventId})`;
    wrong.push({
      law,
      detail: `${name} is not in the cloud; its node holds ${upTo} to be durable`,
    });
  }
  return wrong;
};

function* allEvents(evidence: RunEvidence): Generator<SeenEvent> {
  yield* evidence.committed;
  for (const { events } of evidence.nodes) yield* events;
}

/** Each event that the cloud took in has its effect there exactly once, however often it came. */
export const checkEffects: Checker = (evidence) => {
  const wrong: Violation[] = [];
  const say = (detail: string): void => void wrong.push({ law: 'effects-once', detail });
  const seen = new Set<string>();
  for (const event of evidence.cloud.events) {
    const { eventId, seq, kind, effects } = event;
    const what = `${laneOf(event)} ${seq} (${kind}, event ${eventId})`;
    if (effects !== 1) say(`${what} has its effect ${effects} times in the cloud`);
    if (seen.has(eventId)) say(`${what} was taken in twice`);
    seen.add(eventId);
  }
  const admitted = new Set<string>();
  for (const { eventId, ticketId, n, gate, scanId } of evidence.cloud.admissions) {
    const what = `The admission of ${ticketId}/${n} at ${gate} by scan ${scanId}`;
    if (admitted.has(eventId)) say(`${what} stands twice in the cloud, event ${eventId}`);
    if (!seen.has(eventId)) say(`${what} stands in the cloud without its event ${eventId}`);
    admitted.add(eventId);
  }
  return [...wrong, ...renamed(evidence)];
};

/** One event that stands in the cloud under two ids: the same scan in the same millisecond. */
function renamed(evidence: RunEvidence): Violation[] {
  const bodies = new Map(evidence.committed.map(({ eventId, body }) => [eventId, body]));
  const first = new Map<string, string>();
  return evidence.cloud.admissions.flatMap(({ eventId, ticketId, n, gate, scanId }) => {
    const body = bodies.get(eventId);
    if (body?.kind !== 'admission') return [];
    const name = `${ticketId}/${n} ${gate} ${scanId} ${body.atMs}`;
    const before = first.get(name);
    first.set(name, eventId);
    if (before === undefined || before === eventId) return [];
    const detail =
      `The admission of ${ticketId}/${n} at ${gate} by scan ${scanId} stands in the cloud as ` +
      `the events ${before} and ${eventId}`;
    return [{ law: 'effects-once', detail }];
  });
}

/**
 * A number of a lane is given to one event for good, and an event has one body wherever it is held.
 * The cloud never takes two events under one number. A disk that was restored or copied cannot know
 * which numbers it gave before: until it meets a node that does, it may give some of them again, to
 * events that are then numbered anew under a new incarnation; such pairs are left out, and G5 sees
 * to it that none of these events is lost.
 */
export const checkNumbers: Checker = (evidence) => {
  const wrong: Violation[] = [];
  const say = (detail: string): void => void wrong.push({ law: 'sequence-never-reused', detail });
  const setBack = new Set(evidence.losses.map(({ node }) => node));
  const cloud = new Map<string, string>();
  for (const event of evidence.cloud.events) {
    clash(cloud, event, say);
  }
  const everywhere = new Map(cloud);
  const bodies = new Map<string, SeenEvent>();
  for (const event of allEvents(evidence)) {
    if (!setBack.has(event.node)) clash(everywhere, event, say);
    const first = bodies.get(event.eventId);
    if (first === undefined) bodies.set(event.eventId, event);
    else if (!sameBody(first.body, event.body)) {
      say(`Event ${event.eventId} (${laneOf(event)} ${event.seq}) has two bodies`);
    }
  }
  return wrong;
};

function clash(taken: Map<string, string>, event: Numbered, say: (detail: string) => void): void {
  const number = `${laneOf(event)} ${event.seq}`;
  const before = taken.get(number);
  if (before === undefined) taken.set(number, event.eventId);
  else if (before !== event.eventId) {
    say(`${number} is the number of two events: ${before} and ${event.eventId}`);
  }
}

/** Bodies have the fields of one schema in its order; those of one kind compare field by field. */
function sameBody(one: EventBody, other: EventBody): boolean {
  if (one === other) return true;
  const others: Readonly<Record<string, unknown>> = other;
  const fields: [string, unknown][] = Object.entries(one);
  return (
    fields.length === Object.keys(other).length &&
    fields.every(([name, value]) => {
      const theirs = others[name];
      if (value === theirs) return true;
      return typeof value === 'object' && JSON.stringify(value) === JSON.stringify(theirs);
    })
  );
}
