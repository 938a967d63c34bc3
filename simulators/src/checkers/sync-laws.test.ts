import { describe, expect, test } from 'vitest';

import type { Draft } from './testing/run.ts';
import { broken, copy, gateEnd, otherId } from './testing/spoil.ts';

describe('feeds', () => {
  const look = (run: Draft) => run.samples.at(-1)!;

  test('a place that goes back is found, within an epoch and a disk only', () => {
    expect(broken((run) => (look(run).feeds[0]!.cursor = 1))).toEqual(['cursor-monotone']);
    const other = (run: Draft): void => {
      look(run).feeds[0]!.cursor = 1;
      look(run).disk = 'another';
    };
    expect(broken(other)).toEqual([]);
    const begun = (run: Draft): void => {
      look(run).feeds[0]!.cursor = 1;
      look(run).feeds[0]!.epoch = 'another';
    };
    expect(broken(begun)).toEqual([]);
  });

  test('an epoch that was left and is entered again is found', () => {
    const leave = (run: Draft): void => {
      for (const one of run.samples.slice(-6, -2)) one.feeds[0]!.epoch = 'another';
    };
    expect(broken(leave)).toEqual(['cursor-monotone']);
  });

  test('what a restored cloud takes back is allowed, between the two looks only', () => {
    const back = (runMs: (run: Draft) => number) => (run: Draft) => {
      look(run).feeds[0]!.cursor = 1;
      run.losses.push({ runMs: runMs(run), node: 'cloud', kind: 'restored', onlyThere: [] });
    };
    expect(broken(back((run) => look(run).runMs - 1))).toEqual([]);
    expect(broken(back(() => 1))).toEqual(['cursor-monotone']);
  });

  test('a replica that lacks, adds or changes a row, or is elsewhere, is found', () => {
    const law = ['prefix-applied'];
    const tickets = (run: Draft) => gateEnd(run).feeds.find(({ feed }) => feed === 'tickets')!;
    const place = (run: Draft): string => [...tickets(run).rows.keys()][0]!;
    expect(broken((run) => void tickets(run).rows.delete(place(run)))).toEqual(law);
    expect(broken((run) => void tickets(run).rows.set('ticket/ghost', '[]'))).toEqual(law);
    expect(broken((run) => void tickets(run).rows.set(place(run), '[0]'))).toEqual(law);
    expect(broken((run) => (tickets(run).cursor -= 1))).toEqual(law);
    expect(broken((run) => (tickets(run).epoch = null))).toEqual(law);
    expect(broken((run) => void gateEnd(run).feeds.pop())).toEqual(law);
  });

  test('a screen that holds tickets is found', () => {
    expect(broken((run) => (gateEnd(run).role = 'screen'))).toEqual(['prefix-applied']);
  });
});

describe('outbox', () => {
  test('an event that is held to be durable and is not in the cloud is found', () => {
    const spoil = (run: Draft): void => {
      const { eventId } = run.cloud.events.find(({ kind }) => kind === 'denial')!;
      run.cloud.events = run.cloud.events.filter((event) => event.eventId !== eventId);
    };
    expect(broken(spoil)).toEqual(['acknowledged-implies-in-cloud']);
  });

  test('a lane that is durable beyond what was written is found', () => {
    expect(broken((run) => (gateEnd(run).lanes[0]!.durableSeq += 1))).toEqual([
      'acknowledged-implies-in-cloud',
    ]);
  });

  test.each([0, 2])('an effect that is there %i times is found', (effects) => {
    expect(broken((run) => (run.cloud.events[0]!.effects = effects))).toEqual(['effects-once']);
  });

  test('an event or an admission that stands twice in the cloud is found', () => {
    const event = (run: Draft): void => void run.cloud.events.push(copy(run.cloud.events[0]!));
    expect(broken(event)).toEqual(['effects-once']);
    const admission = (run: Draft): void => {
      run.cloud.admissions.push(copy(run.cloud.admissions[0]!));
    };
    expect(broken(admission)).toEqual(['effects-once']);
  });

  test('a number that was given twice is found, also where only disks show it', () => {
    const onDisks = (run: Draft): void => {
      const event = copy(run.committed[0]!);
      run.committed.push({ ...event, eventId: otherId(event.eventId) });
    };
    expect(broken(onDisks)).toContain('sequence-never-reused');
    const restored = (run: Draft): void => {
      onDisks(run);
      const { node } = run.committed[0]!;
      run.losses.push({ runMs: 0, node, kind: 'restored', onlyThere: [] });
    };
    expect(broken(restored)).not.toContain('sequence-never-reused');
    const inCloud = (run: Draft): void => {
      restored(run);
      const event = copy(run.cloud.events[0]!);
      run.cloud.events.push({ ...event, eventId: otherId(event.eventId) });
    };
    expect(broken(inCloud)).toContain('sequence-never-reused');
  });

  test('an event that has another body elsewhere is found', () => {
    const spoil = (run: Draft): void => {
      const { body } = gateEnd(run).events[0]!;
      if (body.kind === 'admission') body.votes = ['gate-9'];
    };
    expect(broken(spoil)).toEqual(['sequence-never-reused']);
  });
});

describe('progress', () => {
  test('a theatre that does not converge, or too late, is found', () => {
    const never = { withinMs: null, left: ['gate-1 does not vote'] };
    expect(broken((run) => (run.converged = never))).toEqual(['convergence']);
    expect(broken((run) => (run.converged.withinMs = 60_001))).toEqual(['convergence']);
  });

  test.each([
    { colour: 'amber', reason: 'claimed-elsewhere' },
    { colour: 'green', reason: 'admitted-degraded', flags: ['degraded'] },
    { colour: 'red', reason: 'refunded', flags: ['stale-data'] },
    { colour: 'red', reason: 'forged' },
  ] as const)('a probe that is not decided plainly is found: %o', (parts) => {
    const spoil = (run: Draft): void => {
      const { verdict } = run.probes[0]!;
      delete verdict.admission;
      Object.assign(verdict, parts);
    };
    expect(broken(spoil)).toContain('liveness');
  });

  test('a queue beyond its bound is found', () => {
    const spoil = (run: Draft): void => void (run.samples[0]!.queues['relay'] = 101);
    expect(broken(spoil)).toEqual(['bounded']);
  });

  test('a dead letter is found, unless the run sent bad messages in that name', () => {
    const letter = (run: Draft): void => {
      run.cloud.deadLetters.push({ code: 'bad-frame', node: 'gate-1' });
    };
    expect(broken(letter)).toEqual(['dead-letters']);
    const injected = (count: number) => (run: Draft) => {
      letter(run);
      run.injected = [{ node: 'gate-1', count }];
    };
    expect(broken(injected(1))).toEqual([]);
    expect(broken(injected(0))).toEqual(['dead-letters']);
  });
});
