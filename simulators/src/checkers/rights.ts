import { entriesOf, rightKey } from '@foyer/contracts';

import type { Checker, RunEvidence, Violation } from './evidence.ts';
import { at } from './words.ts';

/** What was admitted and reversed of a ticket: numbers of rights. */
interface Rights {
  readonly admitted: Set<number>;
  readonly reversed: Set<number>;
}

/**
 * A ticket has as many rights as it has entries, and one more for each that was reversed: none
 * beyond them is admitted, and in a theatre that has converged none of them is refused as admitted.
 */
export const checkRights: Checker = (evidence) => [
  ...tooMany(evidence),
  ...refused(evidence),
  ...reversedTwice(evidence),
];

/** A gate takes an admission back once, however often its turnstile tells what happened. */
function reversedTwice(evidence: RunEvidence): Violation[] {
  const setBack = new Set(evidence.losses.map(({ node }) => node));
  const first = new Map<string, string>();
  return evidence.committed.flatMap(({ eventId, node, body }) => {
    if (body.kind !== 'reversal' || setBack.has(node)) return [];
    const what = `${rightKey(body.right)} at ${node}, scan ${body.scanId}`;
    const before = first.get(what) ?? eventId;
    first.set(what, before);
    if (before === eventId) return [];
    return [{ law: 'rights', detail: `${what}, was reversed twice: ${before} and ${eventId}` }];
  });
}

function rightsByTicket(evidence: RunEvidence, counts: (eventId: string) => boolean) {
  const byTicket = new Map<string, Rights>();
  for (const { eventId, body } of evidence.committed) {
    if (body.kind !== 'admission' && body.kind !== 'reversal') continue;
    const { ticketId, n } = body.right;
    const rights = byTicket.get(ticketId) ?? { admitted: new Set(), reversed: new Set() };
    byTicket.set(ticketId, rights);
    if (body.kind === 'admission') rights.admitted.add(n);
    else if (counts(eventId)) rights.reversed.add(n);
  }
  return byTicket;
}

function tooMany(evidence: RunEvidence): Violation[] {
  const byTicket = rightsByTicket(evidence, () => true);
  return [...byTicket].flatMap(([ticketId, { admitted, reversed }]) => {
    const rights = entriesOf(ticketId) + reversed.size;
    return [...admitted]
      .filter((n) => n >= rights)
      .map((n) => {
        const right = rightKey({ ticketId, n });
        const detail = `${right} was admitted; the ticket never had more than ${rights} rights`;
        return { law: 'rights', detail };
      });
  });
}

function refused(evidence: RunEvidence): Violation[] {
  const inCloud = new Set(evidence.cloud.events.map(({ eventId }) => eventId));
  const byTicket = rightsByTicket(evidence, (eventId) => inCloud.has(eventId));
  const tickets = new Map(
    evidence.nodes
      .flatMap(({ events }) => events)
      .flatMap(({ body }) =>
        body.kind === 'denial' && body.ticketId !== undefined
          ? [[body.scanId, body.ticketId] as const]
          : [],
      ),
  );
  return evidence.probes.flatMap(({ gate, runMs, verdict }) => {
    const ticketId = tickets.get(verdict.scanId);
    if (verdict.reason !== 'already-admitted' || ticketId === undefined) return [];
    const { admitted, reversed } = byTicket.get(ticketId) ?? {
      admitted: new Set(),
      reversed: new Set(),
    };
    const rights = entriesOf(ticketId) + reversed.size;
    if (admitted.size >= rights) return [];
    const detail =
      `${gate} refused ${ticketId} as admitted at ${at(runMs)}; ` +
      `${admitted.size} of its ${rights} rights were`;
    return [{ law: 'rights', detail }];
  });
}
