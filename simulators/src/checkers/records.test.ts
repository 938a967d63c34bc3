import { describe, expect, test } from 'vitest';

import type { Draft } from './testing/run.ts';
import { broken, copy, gateEnd, loseEvent, otherId, plainGreen } from './testing/spoil.ts';

describe('G4', () => {
  const report = (run: Draft) => run.cloud.reports[0]!;

  test('finds a double without a report, and one with two', () => {
    expect(broken((run) => void run.cloud.reports.pop())).toEqual(['G4']);
    expect(broken((run) => void run.cloud.reports.push(copy(report(run))))).toEqual(['G4']);
  });

  test('finds a report that lacks an admission, names one twice, or one that nobody made', () => {
    expect(broken((run) => void report(run).admissions.pop())).toEqual(['G4']);
    const twice = (run: Draft): void => {
      report(run).admissions.push(copy(report(run).admissions[0]!));
    };
    expect(broken(twice)).toEqual(['G4']);
    const invented = (run: Draft): void => {
      report(run).admissions.push({ eventId: 'none', gate: 'gate-2', atMs: 1 });
    };
    expect(broken(invented)).toEqual(['G4']);
  });

  test('finds a wrong gate or time in a report', () => {
    expect(broken((run) => (report(run).admissions[0]!.gate = 'gate-9'))).toEqual(['G4']);
    expect(broken((run) => (report(run).admissions[0]!.atMs += 1))).toEqual(['G4']);
  });

  test('finds a report of a right that was admitted once', () => {
    const spoil = (run: Draft): void => {
      const { eventId, ticketId, n, gate } = run.cloud.admissions[0]!;
      const admissions = [{ eventId, gate, atMs: plainGreen(run).verdict.atMs }];
      run.cloud.reports.push({ ticketId, n, admissions });
    };
    expect(broken(spoil)).toEqual(['G4']);
  });

  test('finds a node that counts other doubles', () => {
    expect(broken((run) => (gateEnd(run).doublesKnown = 0))).toEqual(['G4']);
    expect(broken((run) => (gateEnd(run).doublesKnown = 2))).toEqual(['G4']);
  });

  test('finds a report that came late or never', () => {
    expect(broken((run) => (run.reportTimings[0]!.reportedRunMs! += 5000))).toEqual(['G4']);
    expect(broken((run) => (run.reportTimings[0]!.reportedRunMs = null))).toEqual(['G4']);
  });

  test('asks for no report of an admission that a disk took along', () => {
    const spoil = (run: Draft): void => {
      const gone = run.committed.at(-1)!;
      loseEvent(run, gone.eventId);
      run.cloud.reports = [];
      run.reportTimings = [];
      for (const end of run.nodes) end.doublesKnown = 0;
      run.losses.push({ runMs: 0, node: gone.node, kind: 'replaced', onlyThere: [gone.eventId] });
    };
    expect(broken(spoil)).toEqual([]);
  });
});

describe('G5', () => {
  test('finds a green that was shown before it was recorded, or never was', () => {
    expect(broken((run) => (plainGreen(run).recorded = false))).toEqual(['G5']);
    const spoil = (run: Draft): void => {
      const { eventId } = run.committed[0]!;
      loseEvent(run, eventId);
      run.committed.shift();
    };
    expect(broken(spoil)).toContain('G5');
  });

  test('finds a record with other flags', () => {
    expect(broken((run) => (plainGreen(run).verdict.flags = ['stale-data']))).toEqual(['G5']);
  });

  test('finds a record that the cloud lacks, unless a disk took it along', () => {
    const lose = (run: Draft): string => {
      const { eventId } = run.committed[0]!;
      loseEvent(run, eventId);
      for (const end of run.nodes) for (const lane of end.lanes) lane.durableSeq = 0;
      return eventId;
    };
    expect(broken(lose)).toContain('G5');
    const excused = (run: Draft): void => {
      const onlyThere = [lose(run)];
      run.losses.push({ runMs: 0, node: 'gate-1', kind: 'rotten', onlyThere });
    };
    expect(broken(excused)).not.toContain('G5');
  });

  test('finds an admission in the cloud that no gate made, or made otherwise', () => {
    const invented = (run: Draft): void => {
      const one = run.cloud.admissions[0]!;
      run.cloud.admissions.push({ ...one, eventId: otherId(one.eventId) });
    };
    expect(broken(invented)).toContain('G5');
    expect(broken((run) => (run.cloud.admissions[0]!.n = 3))).toEqual(['G5']);
    expect(broken((run) => (run.cloud.admissions[0]!.reversed = true))).toEqual(['G5']);
  });
});

describe('G6', () => {
  test('finds a green of a ticket that was refunded at the place that it names', () => {
    const spoil = (run: Draft): void => {
      const { right, cursor } = plainGreen(run).verdict;
      const { epoch } = run.ticketChanges[0]!;
      const { ticketId } = right!;
      const change = { runMs: 0, epoch, seq: cursor.seq, ticketId, status: 'refunded', showNo: 41 };
      run.ticketChanges.push(change);
    };
    expect(broken(spoil)).toEqual(['G6']);
  });

  test('allows one that was refunded later, or in an epoch that the gate was not in', () => {
    const later = (run: Draft): void => {
      const { right, cursor } = plainGreen(run).verdict;
      const seq = cursor.seq + 1;
      const { epoch } = run.ticketChanges[0]!;
      const ticketId = right!.ticketId;
      run.ticketChanges.push({ runMs: 0, epoch, seq, ticketId, status: 'refunded', showNo: 41 });
      const other = { runMs: 0, epoch: otherId(epoch), seq: 1, ticketId };
      run.ticketChanges.push({ ...other, status: 'refunded', showNo: 41 });
    };
    expect(broken(later)).toEqual([]);
  });

  test('asks of a restored cloud no refund that it forgot, and of no other', () => {
    const refund = (run: Draft, lostMs: number): void => {
      const { verdict, runMs } = plainGreen(run);
      const { epoch } = run.ticketChanges[0]!;
      const { ticketId } = verdict.right!;
      const seq = verdict.cursor.seq;
      const change = { runMs: runMs - 10, epoch, seq, ticketId, status: 'refunded', showNo: 41 };
      run.ticketChanges.push(change);
      run.losses.push({ runMs: lostMs, node: 'cloud', kind: 'restored', onlyThere: [] });
    };
    expect(broken((run) => refund(run, plainGreen(run).runMs - 5))).toEqual([]);
    // The refund came after it, under a number that the cloud had given before.
    expect(broken((run) => refund(run, plainGreen(run).runMs - 15))).toEqual([]);
    expect(broken((run) => refund(run, plainGreen(run).runMs + 5))).toEqual(['G6']);
  });

  test('finds a green for a show that the ticket had been moved from', () => {
    expect(broken((run) => (plainGreen(run).verdict.showNo = 42))).toEqual(['G6']);
  });

  test.each([3_600_001, null])(
    'finds a green on tickets of age %s that is not flagged',
    (ageMs) => {
      expect(broken((run) => (plainGreen(run).verdict.cursor.ageMs = ageMs))).toEqual(['G6']);
    },
  );
});

test('a refusal that names an admission that nobody made is found', () => {
  const red = (run: Draft) => run.verdicts.find(({ verdict }) => verdict.admission !== undefined)!;
  expect(broken((run) => (red(run).verdict.admission!.atMs += 1))).toEqual(['true-refusals']);
  const unnamed = (run: Draft): void => void delete red(run).verdict.admission;
  expect(broken(unnamed)).toEqual(['true-refusals']);
});
