/** A test that tries to break a promise, beside the simulation: its file and its name. */
export interface ProvingTest {
  readonly file: string;
  readonly name: string;
}

const ledger = (suite: string, name: string): ProvingTest => ({
  file: `edge-agent/src/adapters/ledger/admission-${suite}.test.ts`,
  name,
});
const engine = (name: string, suite = 'sync-node'): ProvingTest => ({
  file: `cloud-sync/src/engine/${suite}.test.ts`,
  name,
});
const restored = (name: string): ProvingTest => engine(name, 'restored-disk');
const ingest = (name: string): ProvingTest => ({ file: 'cloud-sync/src/ingest.test.ts', name });

/** By law: the tests behind it that need no simulation to be understood. */
export const provingTests: Readonly<Record<string, readonly ProvingTest[]>> = {
  G0: [
    ledger(
      'recovery',
      'shows the same verdict for the same scan after a restart from the same file',
    ),
    ledger('recovery', 'shows no second green when it died between the commit and the answer'),
    ledger('scans', 'decides a scan once that was sent twice at the same time'),
  ],
  G1: [
    ledger('claims', 'admits with two of three votes, and every other gate knows of it'),
    ledger('claims', 'keeps its votes apart while a gate has just died'),
    ledger('recovery', 'votes with a new disk only after it pulled every vote, and keeps to them'),
    ledger('votes', 'lets a holder release the attempt that it names, and no other'),
  ],
  G2: [
    ledger('claims', 'waits for no gate that is known to be dead'),
    ledger('scans', 'refuses scans beyond its bound and decides those before'),
  ],
  G3: [
    ledger(
      'claims',
      'shows at most as many greens as there are groups without a link between them',
    ),
  ],
  G4: [
    ledger('claims', 'reports a right that was admitted twice once, from whoever is left'),
    ledger(
      'votes',
      'invents no double from an admission that arrives again, under its number or another',
    ),
    ingest('reports of a double grow by union, one for each entry right'),
  ],
  G5: [
    ledger('scans', 'commits an admission once, with its event and its verdict'),
    engine("a dead gate's last admissions reach the cloud through a peer"),
    restored('replaced: the node learns its own admissions from its peers'),
    restored(
      'two chains of a node that is gone for good: everybody has both, and the cloud (%i events)',
    ),
  ],
  G6: [
    ledger(
      'scans',
      'names the data that it judged on, though a refund came while votes were awaited',
    ),
  ],
  'prefix-applied': [
    engine('with loss, doubles and disorder all rows arrive and each event counts once'),
    engine('the old generation serves until the new one is whole; a restart goes on'),
  ],
  'effects-once': [
    ingest('pushes that are doubled, cut up and reordered take effect exactly once'),
    ingest('the same event by two ways and incarnations counts once'),
  ],
  'sequence-never-reused': [
    restored('restored: a new incarnation, no number twice, nothing lost or doubled'),
  ],
  'acknowledged-implies-in-cloud': [
    engine('a restored cloud begins an epoch, gets admissions again; replicas follow'),
  ],
};
