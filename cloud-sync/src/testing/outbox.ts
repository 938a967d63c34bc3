import {
  genesisHash,
  type EventBody,
  type Lane,
  type OutboxEvent,
  type Push,
} from '@foyer/contracts';

import { chainHash } from '../engine/index.ts';
import { testRandom } from './databases.ts';

const random = testRandom();

/** A node's lane as the node itself has it. */
export class Outbox {
  readonly events: OutboxEvent[] = [];
  readonly hashes: string[] = [genesisHash];
  readonly node: string;
  readonly lane: Lane;
  incarnation = 'a'.repeat(16);

  constructor(node: string, lane: Lane = 'ledger') {
    this.node = node;
    this.lane = lane;
  }

  add(body: EventBody | string, eventId = random.uuid()): string {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const event = { seq: this.events.length + 1, eventId, body: text };
    this.events.push(event);
    this.hashes.push(chainHash(this.hashes.at(-1) ?? genesisHash, event));
    return eventId;
  }

  push(since = 0, until = this.events.length): Push {
    const { node, incarnation, lane } = this;
    const prevHash = this.hashes[since] ?? genesisHash;
    const events = this.events.slice(since, until);
    return { type: 'push', node, incarnation, lane, since, prevHash, events };
  }
}
