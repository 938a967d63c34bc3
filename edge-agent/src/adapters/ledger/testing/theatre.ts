import type { NodeId, Verdict } from '@foyer/contracts';
import { SimClock, SimRandom } from '@foyer/platform/sim';
import { Bus } from './bus.ts';
import { newHouse, testStartMs, type House } from './house.ts';
import { TestNode, type NodeWorld, type Parcel, type Shown } from './node.ts';

/** Gates `gate-1`.. in virtual time, on one bus. */
export class TestTheatre {
  readonly clock = new SimClock(testStartMs);
  readonly random: SimRandom;
  readonly bus: Bus<Parcel>;
  readonly house: House;
  readonly ids: NodeId[];
  readonly nodes: TestNode[];
  readonly shown: Shown[] = [];

  constructor(options: { seed?: number; gates: number; admissionNodes?: NodeId[] }) {
    this.random = new SimRandom(options.seed ?? 1);
    this.bus = new Bus(this.clock, this.random.fork('bus'));
    this.ids = Array.from({ length: options.gates }, (_, index) => `gate-${index + 1}`);
    this.house = newHouse(options.admissionNodes ?? this.ids);
    this.nodes = this.ids.map((id) => this.addNode(id));
  }

  addNode(id: NodeId): TestNode {
    const world: NodeWorld = {
      clock: this.clock,
      random: this.random.fork(id),
      bus: this.bus,
      peers: this.ids.filter((peer) => peer !== id),
      shown: this.shown,
    };
    return new TestNode(id, this.house, world);
  }

  /** `gate(1)` is `gate-1`. */
  gate(number: number): TestNode {
    const node = this.nodes[number - 1];
    if (node === undefined) throw new Error(`The theatre has no gate ${number}.`);
    return node;
  }

  /** Until every node votes. */
  async open(): Promise<void> {
    const ready = await this.clock.runUntilAsync(
      () => this.nodes.every((node) => !node.up || !node.service.recovering()),
      5000,
    );
    if (!ready) throw new Error('The theatre never came to vote.');
  }

  async settle(forMs: number): Promise<void> {
    await this.clock.advanceAsync(forMs);
  }

  /** Answers of scans that were begun together. */
  async all(scans: readonly Promise<Verdict | null>[]): Promise<(Verdict | null)[]> {
    let answers: (Verdict | null)[] | null = null;
    const together = Promise.all(scans).then((verdicts) => {
      answers = verdicts;
    });
    await this.clock.runUntilAsync(() => answers !== null, 2000);
    if (answers === null) throw new Error('A scan was never decided.');
    await together;
    return answers;
  }

  close(): void {
    for (const node of this.nodes) node.stop();
  }
}
