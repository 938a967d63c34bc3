import type { Message, MessageType, Push } from '@foyer/contracts';
import { expect, test } from 'vitest';

import { judgeEvent } from './event-claims.ts';
import { reasonOfCode, refuseMessage } from './refusals.ts';

const mark = 'a'.repeat(16);

function push(node: string, lane: Push['lane']): Push {
  return {
    type: 'push',
    node,
    incarnation: mark,
    lane,
    since: 0,
    prevHash: '0'.repeat(32),
    events: [],
  };
}

// Only the type is looked at, but for pushes and hellos.
const ofType = (type: MessageType): Message => ({ type }) as Message;
const hello = (node: string): Message => ({ type: 'hello', node, role: 'gate' }) as Message;

const ofMesh: readonly MessageType[] = [
  'heartbeat',
  'vote-ask',
  'vote',
  'vote-release',
  'attempt-ask',
  'recover-ask',
  'recover',
  'live-state',
  'pull',
  'compare',
  'fetch-range',
];
const fromAbove: readonly MessageType[] = [
  'hint',
  'chunk',
  'snapshot',
  'compared',
  'range-rows',
  'ack',
];

test('from the cloud come rows, hints and acknowledgements, and nothing of the mesh', () => {
  for (const type of fromAbove) expect(refuseMessage('cloud', 'cloud', ofType(type))).toBeNull();
  for (const message of [...ofMesh.map(ofType), hello('cloud'), push('gate-1', 'ledger')]) {
    expect(refuseMessage('cloud', 'cloud', message)).toBe('wrong-direction');
  }
});

test('a greeting names the node of the certificate', () => {
  expect(refuseMessage(null, 'gate-1', hello('gate-1'))).toBeNull();
  expect(refuseMessage('gate', 'gate-1', hello('gate-2'))).toBe('foreign-identity');
});

test('a screen claims nothing, votes for nothing, serves nothing and admits nobody', () => {
  const all = [...ofMesh, ...fromAbove].filter((type) => {
    return refuseMessage('screen', 'screen-1', ofType(type)) === null;
  });
  expect(all).toEqual(['heartbeat', 'live-state', 'pull', 'compare', 'fetch-range']);
  const refuse = (message: Push) => refuseMessage('screen', 'screen-1', message);
  expect(refuse(push('screen-1', 'telemetry'))).toBeNull();
  expect(refuse(push('screen-1', 'ledger'))).toBe('wrong-role');
  expect(refuse(push('gate-1', 'ledger'))).toBe('wrong-role');
});

test('a node that does not say what it is, or may not be it, takes no part in admission', () => {
  for (const message of [push('screen-1', 'ledger'), ofType('vote-ask'), ofType('chunk')]) {
    expect(refuseMessage(null, 'screen-1', message)).toBe('wrong-role');
  }
});

test("a gate passes on others' admissions, and nothing else of theirs", () => {
  expect(refuseMessage('gate', 'gate-1', push('gate-2', 'ledger'))).toBeNull();
  expect(refuseMessage('gate', 'gate-1', push('gate-2', 'telemetry'))).toBe('foreign-events');
  expect(refuseMessage('gate', 'gate-1', push('gate-1', 'telemetry'))).toBeNull();
});

const event = { scanId: '', gate: 'gate-1', atMs: 0, ticketId: '0007000000000001' };

test('an event reports what happened at its own node, in its own lane and theatre', () => {
  const right = { ticketId: event.ticketId, n: 0 };
  const reversal = { kind: 'reversal', right, cause: 'exit', ...event } as const;
  const origin = { node: 'gate-1', lane: 'ledger', theatreNo: 7 } as const;
  expect(judgeEvent(origin, reversal)).toBeNull();
  expect(judgeEvent({ ...origin, node: 'gate-2' }, reversal)?.code).toBe('foreign-gate');
  expect(judgeEvent({ ...origin, lane: 'bulk' }, reversal)?.code).toBe('wrong-lane');
  expect(judgeEvent({ ...origin, theatreNo: 8 }, reversal)?.code).toBe('wrong-theatre');
  expect(judgeEvent({ ...origin, theatreNo: null }, reversal)).toBeNull();
});

test('a payload that cannot be read is counted under a closed list of reasons', () => {
  expect(reasonOfCode('damaged-frame')).toBe('damaged-frame');
  expect(reasonOfCode('something-new')).toBe('unparsable');
});
