import { startAedes, type TestBroker } from '@foyer/platform/testing';
import { afterEach, beforeEach } from 'vitest';
import { houseRows, ticketRow } from './house.ts';
import { TestCloud } from './test-cloud.ts';
import { TestTheatre } from './test-theatre.ts';

/** What a test of whole agents stands on. */
export interface WholeHouse {
  readonly broker: TestBroker;
  readonly cloud: TestCloud;
  readonly theatre: TestTheatre;
  /** Waits until a node's replica holds so many tickets. */
  holdsTickets(node: string, count: number): Promise<void>;
  /** Waits until a node has everything of the house feed. */
  knowsHouse(node: string): Promise<void>;
}

interface HousePlan {
  readonly nodes: readonly string[];
  /** Nodes with certificates that no list names. */
  readonly strangers?: readonly string[];
  readonly tickets: readonly number[];
}

async function begin({ nodes, strangers = [], tickets }: HousePlan): Promise<WholeHouse> {
  const broker = await startAedes();
  const cloud = new TestCloud(broker.url);
  cloud.put(houseRows([...nodes], Date.now()));
  cloud.put(tickets.map((n) => ticketRow(n)));
  const theatre = await TestTheatre.prepare([...nodes, ...strangers], broker.url);
  return {
    broker,
    cloud,
    theatre,
    holdsTickets: (node, count) =>
      theatre.until(`${count} tickets`, node, ({ feeds }) =>
        feeds.some(({ feed, rows }) => feed === 'tickets' && rows === count),
      ),
    knowsHouse: (node) =>
      theatre.until('the house', node, ({ feeds }) =>
        feeds.some(({ feed, cursor }) => feed === 'house' && cursor === cloud.headOf('house')),
      ),
  };
}

/** A broker, a cloud and a theatre of which no node runs yet, anew for each test of a file. */
export function eachTestIn(plan: HousePlan, use: (house: WholeHouse) => void): void {
  let house: WholeHouse | null = null;
  beforeEach(async () => {
    house = await begin(plan);
    use(house);
  });
  afterEach(async () => {
    await house?.theatre.close();
    await house?.cloud.close();
    await house?.broker.stop();
    house = null;
  });
}
