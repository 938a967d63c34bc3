import { chainHash } from '@foyer/cloud-sync/engine';
import {
  genesisHash,
  laneOfKind,
  eventBodySchema,
  type EventBody,
  type Message,
  type OutboxEvent,
  type Push,
} from '@foyer/contracts';

import { fixture, wordsOf } from '../examples.ts';
import { showNo, startMs, ticketIdOf } from '../rigs/house.ts';
import { openSession, sessionOf, sessionShape } from '../rigs/sessions.ts';
import type { FuzzTarget } from '../target.ts';

const incarnation = '00000000000000cc';
const examples = [...fixture('events').values()].flat();

/** Events as a node would write them: numbered, and chained. */
export function pushOf(bodies: readonly EventBody[], node = 'gate-2', since = 0): Push {
  const events = bodies.map((body, n): OutboxEvent => {
    const eventId = `000000e${since + n}-0000-4000-8000-00000000000a`;
    return { seq: since + n + 1, eventId, body: JSON.stringify(body) };
  });
  const lane = laneOfKind[bodies[0]?.kind ?? 'alarm'];
  return { type: 'push', node, incarnation, lane, since, prevHash: genesisHash, events };
}

const admission: EventBody = {
  kind: 'admission',
  right: { ticketId: ticketIdOf(1), n: 0 },
  showNo,
  scanId: '00000009-0000-4000-8000-000000000009',
  gate: 'gate-2',
  atMs: startMs,
  flags: ['degraded'],
  votes: ['gate-2'],
  configEpoch: 1,
};

/** Valid bodies of every kind. */
export const eventBodies: readonly EventBody[] = [
  admission,
  ...examples.map((example) => eventBodySchema.parse(example)),
];

function follow(push: Push, body: EventBody): Push {
  const prevHash = push.events.reduce((hash, event) => chainHash(hash, event), push.prevHash);
  return { ...pushOf([body], push.node, push.events.length), prevHash };
}

const first = pushOf([admission]);
const acks: Message = {
  type: 'ack',
  node: 'theatre',
  incarnation,
  lane: 'ledger',
  lastSeq: 3,
  durableSeq: 3,
  forked: false,
  rejects: [],
};

export const outboxTarget: FuzzTarget = {
  name: 'outbox',
  takes: 'pushes and acknowledgements at a theatre agent: chain, event bodies, ledger',
  shape: sessionShape,
  words: [...wordsOf(examples), incarnation, 'theatre', 'gate-1', 'gate-2'],
  seeds: () => [
    ...eventBodies.map((body) => sessionOf([1, pushOf([body])])),
    sessionOf([1, first], [1, follow(first, { ...admission, gate: 'gate-3' })], [2, first]),
    sessionOf([1, first], [1, acks]),
  ],
  open: () => openSession('theatre', 'theatre'),
  inputsPerRig: 12,
};
