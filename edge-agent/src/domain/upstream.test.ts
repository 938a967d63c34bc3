import type { Heartbeat, Role } from '@foyer/contracts';
import { expect, test } from 'vitest';
import type { Peer } from './peer-table.ts';
import { chooseUpstream } from './upstream.ts';

const epoch = '7b2fe3f4-0d3c-4a1c-9a4e-0123456789ab';
const other = '00000000-0d3c-4a1c-9a4e-0123456789ab';

function peer(node: string, role: Role, cursor: number, inEpoch = epoch): Peer {
  const heartbeat: Heartbeat = {
    type: 'heartbeat',
    boot: 1,
    wallMs: 0,
    recovering: false,
    feeds: [{ feed: 'tickets', epoch: inEpoch, cursor }],
    lanes: [],
    configEpochs: [],
    upstream: 'none',
  };
  return {
    node,
    connected: true,
    role,
    lastHeardMs: 0,
    expectedMs: 1000,
    heartbeat,
    wallLessMonotonicMs: 0,
  };
}

const own = [{ feed: 'tickets', epoch, cursor: 10 }] as const;

test('the theatre agent comes first, also when a gate is ahead of it', () => {
  const alive = [peer('gate-2', 'gate', 90), peer('theatre', 'theatre', 10)];
  expect(chooseUpstream(own, alive, null)).toBe('theatre');
});

test('without the theatre agent the gate that is furthest ahead is followed', () => {
  const alive = [peer('gate-2', 'gate', 12), peer('gate-3', 'gate', 20)];
  expect(chooseUpstream(own, alive, 'gate-2')).toBe('gate-3');
});

test('a gate that is not ahead, or in another epoch, is not followed', () => {
  const alive = [peer('gate-2', 'gate', 10), peer('gate-3', 'gate', 99, other)];
  expect(chooseUpstream(own, alive, null)).toBeNull();
});

test('of two that are equally far ahead the current one is kept', () => {
  const alive = [peer('gate-2', 'gate', 20), peer('gate-3', 'gate', 20)];
  expect(chooseUpstream(own, alive, 'gate-3')).toBe('gate-3');
  expect(chooseUpstream(own, alive, null)).toBe('gate-2');
});

test('who has nothing yet follows any gate that has something', () => {
  const empty = [{ feed: 'tickets', epoch: null, cursor: 0 }] as const;
  expect(chooseUpstream(empty, [peer('gate-2', 'gate', 5)], null)).toBe('gate-2');
});

test('rows come from no screen and from nobody whose role is unknown, however far ahead', () => {
  const unknown = { ...peer('gate-2', 'gate', 90), role: null };
  expect(chooseUpstream(own, [peer('screen-1', 'screen', 99), unknown], null)).toBeNull();
});
