/**
 * Bugs that the simulation cannot show as it is, and what it would take. They fit the sources and
 * can be run by name; they are not counted as planted. What no seed shows is not proven.
 */
export const outOfReach: Readonly<Record<string, string>> = {
  'truncated-chunk-names-the-head': 'Links with small payloads: everything fits one chunk.',
  'snapshot-swapped-after-its-first-page': 'Links with small payloads: a snapshot has one page.',
  'snapshot-goes-on-in-another-epoch': 'Links with small payloads: a snapshot has one page.',
  'tombstones-forgotten-without-the-floor': 'Rows that are removed, and compaction after days.',
  'digest-keeps-deleted-rows': 'Rows that are removed.',
  'code-before-row': 'Tickets that are moved to another show.',
  'strict-class-admitted-alone': 'A law about strict classes.',
  'clock-set-back-is-believed': 'A law about the times that verdicts bear.',
  'unagreed-clock-not-flagged': 'A law about clocks that nobody confirms.',
  'reject-blocks-its-lane': 'Events of a known node that the cloud refuses for good.',
  'reversal-not-idempotent': 'Turnstiles that tell the same passage twice.',
  'effects-after-the-acknowledgement': 'A cloud that dies between two of its transactions.',
  'tickets-read-once': 'Refunds of tickets that a gate has looked at and not admitted.',
};
