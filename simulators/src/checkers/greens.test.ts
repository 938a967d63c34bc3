import { describe, expect, test } from 'vitest';

import type { Draft, DraftVerdict } from './testing/run.ts';
import { broken, copy, otherId, plainGreen } from './testing/spoil.ts';

/** Shows a green once more, by another scan, with a record, and as if all else had noticed. */
function again(run: Draft, change: (seen: DraftVerdict) => void): DraftVerdict {
  const seen = copy(plainGreen(run));
  seen.verdict.scanId = otherId(seen.verdict.scanId);
  change(seen);
  run.verdicts.push(seen);
  return seen;
}

describe('G0', () => {
  test('finds a gate that shows green twice for a right', () => {
    expect(broken((run) => void again(run, () => undefined))).toContain('G0');
  });

  test('finds it across a crash that swallowed the first answer', () => {
    const spoil = (run: Draft): void => {
      again(run, () => undefined);
      run.verdicts.splice(run.verdicts.indexOf(plainGreen(run)), 1);
    };
    expect(broken(spoil)).toContain('G0');
  });

  test('allows it of a disk that was replaced in between', () => {
    const spoil = (run: Draft): void => {
      again(run, (seen) => (seen.disk = 'gate-1-b'));
      run.losses.push({ runMs: 0, node: 'gate-1', kind: 'replaced', onlyThere: [] });
    };
    expect(broken(spoil)).not.toContain('G0');
  });

  test('finds a scan that was sent again and got another verdict', () => {
    const spoil = (run: Draft): void => {
      const seen = copy(plainGreen(run));
      seen.verdict = { ...seen.verdict, colour: 'red', reason: 'cancelled' };
      run.verdicts.push(seen);
    };
    expect(broken(spoil)).toEqual(['G0']);
  });

  test('allows the same verdict again, and an amber that was overridden', () => {
    const spoil = (run: Draft): void => {
      const first = plainGreen(run);
      const amber = copy(first);
      amber.verdict = { ...first.verdict, colour: 'amber', reason: 'claimed-elsewhere' };
      run.verdicts.unshift(amber);
      run.verdicts.push(copy(first));
    };
    expect(broken(spoil)).toEqual([]);
  });
});

describe('G1', () => {
  test('finds two greens with votes', () => {
    expect(broken((run) => void again(run, (seen) => (seen.gate = 'gate-2')))).toContain('G1');
  });

  test.each(['degraded', 'override'] as const)('allows another green that says %s', (flag) => {
    const spoil = (run: Draft): void => {
      again(run, (seen) => {
        seen.gate = 'gate-2';
        seen.calm = false;
        seen.verdict.flags = [flag];
      });
    };
    expect(broken(spoil)).not.toContain('G1');
  });

  test('does not take another flag for the missing of votes', () => {
    const spoil = (run: Draft): void => {
      again(run, (seen) => {
        seen.gate = 'gate-2';
        seen.verdict.flags = ['stale-data', 'unknown-ticket', 'clock-unagreed'];
      });
    };
    expect(broken(spoil)).toContain('G1');
  });

  test.each([[['gate-1']], [['gate-1', 'gate-1']], [['gate-1', 'gate-9']], [[]]])(
    'finds a green without a flag on the votes of %j',
    (votes) => {
      const spoil = (run: Draft): void => {
        for (const { body } of run.committed) if (body.kind === 'admission') body.votes = votes;
      };
      expect(broken(spoil)).toContain('G1');
    },
  );

  test('finds a degraded green in calm, unless the ticket had been moved', () => {
    const calmly = (run: Draft): void => {
      for (const seen of run.verdicts) seen.calm = true;
    };
    expect(broken(calmly)).toEqual(['G1']);
    const moved = (run: Draft): void => {
      calmly(run);
      for (const change of [...run.ticketChanges]) {
        run.ticketChanges.push({ ...change, seq: change.seq + 1000, showNo: 42 });
      }
    };
    expect(broken(moved)).toEqual([]);
  });
});

describe('G2', () => {
  test('finds a verdict that came late', () => {
    expect(broken((run) => void (plainGreen(run).askedRunMs -= 140))).toEqual(['G2']);
  });

  test.each([
    ['internal', false, true],
    ['internal', true, false],
    ['disk-full', false, false],
    ['queue-full', false, true],
  ])('a scan that failed with %s, crashed %s: found is %s', (code, crashed, found) => {
    const failed = { askedRunMs: 5, runMs: 9, gate: 'gate-1', scanId: 'x', code, crashed };
    expect(broken((run) => void run.failedScans.push(failed)).includes('G2')).toBe(found);
  });
});

describe('G1 where votes were forgotten', () => {
  test.each([
    ['restored', 1, false],
    ['cloned', 1, false],
    ['replaced', 1, true],
    ['replaced', 2, false],
  ])('with %s disks of %i electors in between: found is %s', (kind, count, found) => {
    const spoil = (run: Draft): void => {
      const first = plainGreen(run);
      const second = again(run, (seen) => {
        seen.gate = 'gate-2';
        seen.askedRunMs += 5000;
        seen.runMs += 5000;
      });
      for (const node of ['gate-1', 'gate-2'].slice(0, count)) {
        run.losses.push({ runMs: first.runMs + 100, node, kind, onlyThere: [] });
      }
      expect(second.runMs).toBeGreaterThan(first.runMs);
    };
    expect(broken(spoil).includes('G1')).toBe(found);
  });

  test('does not excuse two greens by a disk that was restored later', () => {
    const spoil = (run: Draft): void => {
      again(run, (seen) => (seen.gate = 'gate-2'));
      run.losses.push({ runMs: 9000, node: 'gate-1', kind: 'restored', onlyThere: [] });
    };
    expect(broken(spoil)).toContain('G1');
  });
});

test('G3 finds two greens of a right in one group, whatever their flags', () => {
  const spoil = (run: Draft): void => {
    for (const seen of run.verdicts) if (seen.group === '1/b') seen.group = '1/a';
  };
  expect(broken(spoil)).toEqual(['G3']);
});
