import type { Attempt, Message } from '@foyer/contracts';

import { messageExamples } from '../examples.ts';
import { epochs, showNo, startMs, ticketIdOf } from '../rigs/house.ts';
import { openSession, sessionOf, sessionShape } from '../rigs/sessions.ts';
import type { FuzzTarget } from '../target.ts';

const right = { ticketId: ticketIdOf(1), n: 0 };
const attempt: Attempt = { node: 'gate-2', boot: 3, n: 1 };
const own: Attempt = { node: 'gate-1', boot: 1, n: 1 };
const votes = [{ right, showNo, configEpoch: 1, attempt }];

const ask: Message = { type: 'vote-ask', right, showNo, configEpoch: 1, attempt, witness: false };
const talk: readonly Message[] = [
  ask,
  { ...ask, witness: true },
  { type: 'vote-release', right, attempt },
  { type: 'attempt-ask', right, attempt: own },
  { type: 'vote', right, attempt: own, answer: { kind: 'granted' } },
  { type: 'vote', right, attempt: own, answer: { kind: 'held', holder: attempt } },
  { type: 'recover-ask', after: '' },
  { type: 'recover', after: 'x:', nextAfter: null, votes },
  {
    type: 'live-state',
    node: 'gate-2',
    topic: 'occupancy',
    version: 1,
    atMs: startMs,
    value: { 12: 3 },
  },
];

const examples = messageExamples();

export const meshTarget: FuzzTarget = {
  name: 'mesh',
  takes: 'frames of other nodes at a gate at work: hub, claims, recovery, live state',
  shape: sessionShape,
  words: [...examples.words, 'gate-1', 'gate-2', 'gate-3', 'screen-1', ...Object.values(epochs)],
  seeds: () => [
    ...talk.map((message) => sessionOf([1, message])),
    ...examples.all.map((message) => sessionOf([1, message], [2, message])),
  ],
  open: () => openSession('gate-1', 'gate'),
  inputsPerRig: 12,
};
