/**
 * Bugs that the simulation does not show as it is, and what it would take. They fit the sources and
 * can be run by name; they are not counted as planted. What no seed shows is not proven.
 */
export const outOfReach: Readonly<Record<string, string>> = {
  'gap-in-chunks-accepted':
    'A chunk that is lost while those behind it, of the same answer, arrive in time.',
  'snapshot-goes-on-in-another-epoch':
    'Two restores of the cloud while the pages of one snapshot are under way.',
  'ledger-not-asked-before-the-commit':
    'A vote and the news of another admission in the same instant: simulated payloads never are.',
  'start-not-counted':
    'Only a disk that came back from its past shows it, and G1 excuses what such a disk forgot.',
  'restored-disk-votes-on':
    'G1 excuses every elector whose disk came back from its past, also one that noticed it.',
  'other-config-epoch-accepted': 'Tickets that are moved between shows of two lists of gates.',
  'attempt-not-counted':
    'A vote of one attempt must be under way when the next begins: 120 seeds did not show it.',
  'late-votes-count':
    'A vote for an attempt that was given up must arrive within the next: 120 seeds did not.',
  'votes-never-given-back':
    'A guest who comes back to a right that two gates fought over and neither got.',
  'digest-keeps-deleted-rows':
    'A deleted row that is all that differs, at a node that was in step before and after.',
  'heads-compared-by-number':
    'Two chains of the same length, whose node is gone before it hears of them.',
  'report-overwrites-another':
    'A report that knows less must come last of all, and its gate must be gone by then.',
};
