import { Kept } from '@foyer/cloud-sync/engine';
import { flagSchema, verdictSchema, type NodeId, type Right, type Verdict } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';
import type {
  LedgerAdmission,
  LedgerReversal,
  LedgerStore,
  StoredVote,
} from '../../domain/admission/ports.ts';

interface VoteRow {
  ticket_id: string;
  n: number;
  show_no: number;
  config_epoch: number;
  node: string;
  boot: number;
  attempt: number;
}

interface AdmissionRow {
  ticket_id: string;
  n: number;
  event_id: string;
  show_no: number;
  gate: string;
  scan_id: string;
  at_ms: number;
  flags: string;
}

function toVote(row: VoteRow): StoredVote {
  return {
    right: { ticketId: row.ticket_id, n: row.n },
    showNo: row.show_no,
    configEpoch: row.config_epoch,
    attempt: { node: row.node, boot: row.boot, n: row.attempt },
  };
}

function toAdmission(row: AdmissionRow): LedgerAdmission {
  return {
    eventId: row.event_id,
    right: { ticketId: row.ticket_id, n: row.n },
    showNo: row.show_no,
    gate: row.gate,
    scanId: row.scan_id,
    atMs: row.at_ms,
    flags: row.flags === '' ? [] : flagsSchema.parse(row.flags.split(',')),
  };
}

const flagsSchema = flagSchema.array();

/** However wrong the clock is, no more than this many decided scans are kept. */
const scansKept = 200_000;

const voteColumns = 'ticket_id, n, show_no, config_epoch, node, boot, attempt';
const voteValues = 'VALUES (?, ?, ?, ?, ?, ?, ?)';

function statementsOf(journal: Journal) {
  return {
    vote: journal.prepare<VoteRow>('SELECT * FROM ledger_vote WHERE ticket_id = ? AND n = ?'),
    putVote: journal.prepare(`INSERT OR REPLACE INTO ledger_vote (${voteColumns}) ${voteValues}`),
    importVote: journal.prepare(`INSERT OR IGNORE INTO ledger_vote (${voteColumns}) ${voteValues}`),
    deleteVote: journal.prepare('DELETE FROM ledger_vote WHERE ticket_id = ? AND n = ?'),
    votesAfter: journal.prepare<VoteRow>(
      'SELECT * FROM ledger_vote WHERE (ticket_id, n) > (?, ?) ORDER BY ticket_id, n LIMIT ?',
    ),
    openVotesOf: journal.prepare<VoteRow>(
      `SELECT v.* FROM ledger_vote v WHERE v.node = ? AND v.boot <> ?
       AND NOT EXISTS (SELECT 1 FROM ledger_admission a
                       WHERE a.ticket_id = v.ticket_id AND a.n = v.n) LIMIT ?`,
    ),
    admissionsOf: journal.prepare<AdmissionRow>(
      'SELECT * FROM ledger_admission WHERE ticket_id = ? ORDER BY n, at_ms, event_id',
    ),
    addAdmission: journal.prepare(
      'INSERT INTO ledger_admission VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    sameAdmission: journal.prepare(
      `SELECT 1 FROM ledger_admission WHERE ticket_id = ? AND n = ?
       AND (event_id = ? OR (gate = ? AND scan_id = ?))`,
    ),
    admissionByScan: journal.prepare<AdmissionRow>(
      'SELECT * FROM ledger_admission WHERE scan_id = ? ORDER BY own DESC LIMIT 1',
    ),
    reversedOf: journal.prepare<{ n: number }>('SELECT n FROM ledger_reversal WHERE ticket_id = ?'),
    reversalOf: journal.prepare<{ event_id: string; gate: string; at_ms: number }>(
      'SELECT event_id, gate, at_ms FROM ledger_reversal WHERE ticket_id = ? AND n = ?',
    ),
    addReversal: journal.prepare('INSERT OR IGNORE INTO ledger_reversal VALUES (?, ?, ?, ?, ?)'),
    scan: journal.prepare<{ verdict: string }>('SELECT verdict FROM ledger_scan WHERE scan_id = ?'),
    putScan: journal.prepare(
      'INSERT OR REPLACE INTO ledger_scan (scan_id, at_ms, verdict) VALUES (?, ?, ?)',
    ),
    count: journal.prepare(
      `INSERT INTO ledger_counter VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`,
    ),
    counters: journal.prepare<{ name: string; value: number }>('SELECT * FROM ledger_counter'),
    recovered: journal.prepare<{ config_epoch: number }>('SELECT * FROM ledger_recovered'),
    addRecovered: journal.prepare('INSERT OR IGNORE INTO ledger_recovered VALUES (?)'),
    forgetRecovered: journal.prepare('DELETE FROM ledger_recovered'),
    isOwnBoot: journal.prepare('SELECT 1 FROM ledger_boot WHERE boot = ?'),
    forgetBoots: journal.prepare('DELETE FROM ledger_boot WHERE boot < ?'),
    showsKept: journal.prepare<{ show_no: number }>(
      'SELECT show_no FROM ledger_vote UNION SELECT show_no FROM ledger_admission',
    ),
    forgetVotes: journal.prepare('DELETE FROM ledger_vote WHERE show_no = ?'),
    forgetReversals: journal.prepare(
      `DELETE FROM ledger_reversal WHERE ticket_id IN
       (SELECT ticket_id FROM ledger_admission WHERE show_no = ?)`,
    ),
    forgetAdmissions: journal.prepare('DELETE FROM ledger_admission WHERE show_no = ?'),
    forgetScans: journal.prepare(
      `DELETE FROM ledger_scan WHERE place IN
       (SELECT place FROM ledger_scan ORDER BY place LIMIT ?)
       AND (at_ms < ? OR place < (SELECT MAX(place) FROM ledger_scan) - ${scansKept})`,
    ),
  };
}

function afterOf(key: string): [string, number] {
  const slash = key.lastIndexOf('/');
  return slash < 0 ? ['', -1] : [key.slice(0, slash), Number(key.slice(slash + 1))];
}

function voteFields(vote: StoredVote): [string, number, number, number, string, number, number] {
  const { right, attempt } = vote;
  return [
    right.ticketId,
    right.n,
    vote.showNo,
    vote.configEpoch,
    attempt.node,
    attempt.boot,
    attempt.n,
  ];
}

/** The ledger in the tables of `ledgerMigrations`; one writer, statements prepared once. */
export function openLedger(journal: Journal): LedgerStore {
  const sql = statementsOf(journal);
  return {
    transaction: (work) => journal.transaction(work),
    ...voteStore(sql),
    ...admissionStore(sql),
    ...scanStore(sql, new Kept(journal)),
    recoveredEpochs: () => sql.recovered.all().map((row) => row.config_epoch),
    addRecoveredEpoch: (epoch) => void sql.addRecovered.run(epoch),
    forgetRecoveredEpochs: () => void sql.forgetRecovered.run(),
    isOwnBoot: (boot) => sql.isOwnBoot.get(boot) !== undefined,
    forgetBootsBefore: (boot) => void sql.forgetBoots.run(boot),
    showsKept: () => sql.showsKept.all().map((row) => row.show_no),
    forgetShow(showNo, all) {
      sql.forgetVotes.run(showNo);
      if (!all) return;
      sql.forgetReversals.run(showNo);
      sql.forgetAdmissions.run(showNo);
    },
  };
}

type Statements = ReturnType<typeof statementsOf>;

function voteStore(sql: Statements) {
  return {
    vote(right: Right): StoredVote | null {
      const row = sql.vote.get(right.ticketId, right.n);
      return row === undefined ? null : toVote(row);
    },
    putVote: (vote: StoredVote) => void sql.putVote.run(...voteFields(vote)),
    importVote: (vote: StoredVote) => void sql.importVote.run(...voteFields(vote)),
    deleteVote: (right: Right) => void sql.deleteVote.run(right.ticketId, right.n),
    votesAfter: (after: string, limit: number) =>
      sql.votesAfter.all(...afterOf(after), limit).map(toVote),
    openVotesOf(node: NodeId, boot: number, limit: number) {
      return sql.openVotesOf.all(node, boot, limit).map(toVote);
    },
  };
}

function admissionStore(sql: Statements) {
  return {
    admissionsOf: (ticketId: string) => sql.admissionsOf.all(ticketId).map(toAdmission),
    addAdmission(admission: LedgerAdmission, own: boolean): boolean {
      const { right, eventId, gate, scanId } = admission;
      if (sql.sameAdmission.get(right.ticketId, right.n, eventId, gate, scanId)) return false;
      sql.addAdmission.run(
        right.ticketId,
        right.n,
        eventId,
        admission.showNo,
        gate,
        scanId,
        admission.atMs,
        admission.flags.join(','),
        own ? 1 : 0,
      );
      return true;
    },
    admissionByScan(scanId: string): LedgerAdmission | null {
      const row = sql.admissionByScan.get(scanId);
      return row === undefined ? null : toAdmission(row);
    },
    reversedOf: (ticketId: string) => sql.reversedOf.all(ticketId).map((row) => row.n),
    reversalOf(right: Right): LedgerReversal | null {
      const row = sql.reversalOf.get(right.ticketId, right.n);
      return row === undefined
        ? null
        : { eventId: row.event_id, right, gate: row.gate, atMs: row.at_ms };
    },
    addReversal(reversal: LedgerReversal): boolean {
      const { right, eventId, gate, atMs } = reversal;
      return sql.addReversal.run(right.ticketId, right.n, eventId, gate, atMs).changes > 0;
    },
  };
}

function scanStore(sql: Statements, counters: Kept<ReadonlyMap<string, number>>) {
  return {
    scan(scanId: string): Verdict | null {
      const row = sql.scan.get(scanId);
      return row === undefined ? null : verdictSchema.parse(JSON.parse(row.verdict));
    },
    putScan: (verdict: Verdict) =>
      void sql.putScan.run(verdict.scanId, verdict.atMs, JSON.stringify(verdict)),
    count(name: string, by: number): void {
      counters.forget();
      sql.count.run(name, by);
    },
    counters: () =>
      counters.get('', () => new Map(sql.counters.all().map((row) => [row.name, row.value]))),
    forgetScansBefore: (atMs: number, limit: number) => sql.forgetScans.run(limit, atMs).changes,
  };
}
