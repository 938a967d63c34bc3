import {
  theatreNoOf,
  type Colour,
  type FeedRow,
  type Flag,
  type ParsedTicketCode,
  type Reason,
  type ShowNo,
  type TicketCode,
  type TicketId,
} from '@foyer/contracts';
import { doorsOf, startOf, timeFor, wayTo } from './messages.ts';

/** What a rotating code's time step is: not given, of a step that counts, of none, unverifiable. */
export type StepCheck = 'absent' | 'right' | 'wrong' | 'no-key';

/** Everything that a verdict depends on, before anybody is asked whether the right is open. */
export interface Facts {
  parsed: ParsedTicketCode;
  /** This theatre's number. */
  theatreNo: number;
  theatre: FeedRow<'theatre'> | null;
  key: FeedRow<'key'> | null;
  signatureOk: boolean;
  step: StepCheck;
  ticket: FeedRow<'ticket'> | null;
  /** The show of the ticket's row, else of the code. */
  show: FeedRow<'show'> | null;
  film: FeedRow<'film'> | null;
  auditorium: FeedRow<'auditorium'> | null;
  /** Auditoriums that this gate serves; empty means all. */
  gateAuditoriums: readonly string[];
  nowMs: number;
  /** Null: never up to date. */
  cursorAgeMs: number | null;
  clockAgreed: boolean;
}

/** Whom a verdict is about, as far as the code tells. */
export interface Subject {
  ticketId?: TicketId;
  showNo?: ShowNo;
  seat?: string;
  ticketClass?: string;
  /** The place in the tickets feed that it was judged at; that of the verdict when absent. */
  cursor?: { seq: number; ageMs: number | null };
}

export interface Refusal extends Subject {
  kind: 'refuse';
  colour: Colour;
  reason: Reason;
  message: string;
  flags: Flag[];
}

/** The rules have nothing against it; whether a right is open is the ledger's and the claim's. */
export interface Passed extends Subject {
  kind: 'pass';
  ticketId: TicketId;
  showNo: ShowNo;
  show: FeedRow<'show'>;
  /** What a green says: the way to the auditorium. */
  message: string;
  /** Above 0: staff check the guest's age. */
  minAge: number;
  mode: 'open' | 'strict';
  flags: Flag[];
  timeZone: string;
}

export type Judgement = Refusal | Passed;

/** The class of a ticket that this replica does not know yet. */
export const defaultClass = 'default';

type Refuse = (reason: Reason, message: string, colour?: Colour) => Refusal;

function refuser(subject: Subject, flags: Flag[]): Refuse {
  return (reason, message, colour = 'red') => ({
    kind: 'refuse',
    ...subject,
    colour,
    reason,
    message,
    flags,
  });
}

function isStale(facts: Facts): boolean {
  if (facts.theatre === null || facts.cursorAgeMs === null) return true;
  return facts.cursorAgeMs > facts.theatre.staleAfterMin * 60_000;
}

function subjectOf(
  code: TicketCode,
  ticket: FeedRow<'ticket'> | null,
): Subject & Required<Pick<Passed, 'ticketId' | 'showNo'>> {
  if (ticket === null) return { ticketId: code.ticketId, showNo: code.showNo };
  const { seat, ticketClass, showNo } = ticket;
  return { ticketId: code.ticketId, showNo, seat, ticketClass };
}

/**
 * Is the text one of ours, signed by a key of the chain, for this theatre, and not a screenshot?
 */
function checkCode(facts: Facts, code: TicketCode, stale: boolean, refuse: Refuse): Refusal | null {
  if (facts.key === null) {
    // A key that was issued after the last sync looks the same as an invented one.
    return stale
      ? refuse('stale-data', 'This gate has no current data: please ask a steward', 'amber')
      : refuse('forged', 'This is not a valid ticket');
  }
  if (!facts.signatureOk) return refuse('forged', 'This is not a valid ticket');
  if (facts.key.status === 'revoked') {
    return refuse('revoked', 'This ticket must be issued again: please go to the box office');
  }
  if (theatreNoOf(code.ticketId) !== facts.theatreNo) {
    return refuse('wrong-theatre', 'This ticket is for another theatre');
  }
  if (code.kind !== 'rotating' || facts.step === 'right') return null;
  if (facts.step === 'no-key') {
    return refuse('stale-data', 'This code cannot be checked here: please ask a steward', 'amber');
  }
  if (facts.step === 'absent') {
    return refuse('expired-code', 'Please show the live code in the app, not a picture of it');
  }
  return facts.clockAgreed
    ? refuse('expired-code', 'This code has expired: please refresh it in the app')
    : refuse('expired-code', 'This code cannot be checked here: please ask a steward', 'amber');
}

function checkTicket(ticket: FeedRow<'ticket'> | null, refuse: Refuse): Refusal | null {
  switch (ticket?.status) {
    case 'cancelled':
      return refuse('cancelled', 'This ticket was cancelled');
    case 'refunded':
      return refuse('refunded', 'This ticket was refunded');
    case 'unpaid':
      return refuse('unpaid', 'This ticket is not paid: please go to the box office');
    case 'blocked':
      return refuse('blocked', 'Please ask a steward');
    case 'valid':
    case undefined:
      return null;
  }
}

/** The right show, the right door, the right time? */
function checkShow(
  facts: Facts,
  show: FeedRow<'show'>,
  theatre: FeedRow<'theatre'>,
  refuse: Refuse,
): Refusal | null {
  if (show.status === 'cancelled') {
    return refuse('cancelled', 'This show was cancelled: please go to the box office');
  }
  if (facts.gateAuditoriums.length > 0 && !facts.gateAuditoriums.includes(show.auditorium)) {
    return refuse('wrong-auditorium', wayTo(facts.auditorium, show.auditorium));
  }
  const { openMs, closeMs } = doorsOf(show, theatre);
  const at = (atMs: number): string => timeFor(theatre.timeZone, atMs, facts.nowMs);
  if (facts.nowMs < openMs) return refuse('too-early', `Doors open at ${at(openMs)}`);
  if (facts.nowMs > closeMs) {
    return refuse('too-late', `This show began at ${at(startOf(show))}`);
  }
  return null;
}

function classMode(theatre: FeedRow<'theatre'>, ticketClass: string): 'open' | 'strict' {
  const policy = Object.hasOwn(theatre.classes, ticketClass)
    ? theatre.classes[ticketClass]
    : theatre.classes[defaultClass];
  return policy?.mode ?? 'open';
}

/** The verdict of the rules alone: pure, so that it can be tried in every case. */
export function judge(facts: Facts): Judgement {
  const { parsed, ticket, show, theatre } = facts;
  if (parsed.outcome === 'not-ours') {
    return refuser({}, [])('not-a-ticket', '', 'ignored');
  }
  const clockFlags: Flag[] = facts.clockAgreed ? [] : ['clock-unagreed'];
  if (parsed.outcome === 'malformed') {
    return refuser({}, clockFlags)('forged', 'This is not a valid ticket');
  }
  const stale = isStale(facts);
  const flags: Flag[] = [...(stale ? (['stale-data'] as const) : []), ...clockFlags];
  const { code } = parsed;
  // Of a code that nobody signed, nothing is believed: not even which ticket it is.
  const badCode = checkCode(
    facts,
    code,
    stale,
    refuser(facts.signatureOk ? { ticketId: code.ticketId, showNo: code.showNo } : {}, flags),
  );
  if (badCode !== null) return badCode;
  const subject = subjectOf(code, ticket);
  const refuse = refuser(subject, flags);
  const badTicket = checkTicket(ticket, refuse);
  if (badTicket !== null) return badTicket;
  if (show === null || theatre === null) {
    return stale
      ? refuse('stale-data', 'This show is not known here yet: please ask a steward', 'amber')
      : refuse('unknown-show', 'This show is not known here: please go to the box office');
  }
  const badShow = checkShow(facts, show, theatre, refuse);
  if (badShow !== null) return badShow;
  return {
    kind: 'pass',
    ...subject,
    show,
    message: wayTo(facts.auditorium, show.auditorium),
    minAge: facts.film?.minAge ?? 0,
    mode: classMode(theatre, ticket?.ticketClass ?? defaultClass),
    flags: ticket === null ? [...flags, 'unknown-ticket'] : flags,
    timeZone: theatre.timeZone,
  };
}
