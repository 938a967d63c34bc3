import {
  eventBodySchema,
  laneOfKind,
  type EventBody,
  type Message,
  type NodeId,
  type Verdict,
} from '@foyer/contracts';
import type { Journal, SqlValue, Timer } from '@foyer/platform';
import { openJournal, silentLogger } from '@foyer/platform/node';
import type { SimClock, SimRandom } from '@foyer/platform/sim';
import { createAdmission } from '../../../domain/admission/index.ts';
import type { AdmissionService, ScanInput } from '../../../domain/admission/ports.ts';
import { ledgerMigrations, openLedger, startBoot } from '../index.ts';
import type { Bus } from './bus.ts';
import { Crash, faultyJournal, type FaultyJournal } from './faulty-journal.ts';
import { stepCodeTest, theatreNo, verifyTest, viewOf, type House } from './house.ts';

/** An event on its way between nodes, with its origin's number. */
export interface TestEvent {
  origin: NodeId;
  seq: number;
  eventId: string;
  body: EventBody;
}
export type Parcel =
  | { kind: 'message'; message: Message }
  | { kind: 'events'; events: TestEvent[] }
  | { kind: 'have'; heads: [NodeId, number][]; heartbeat: Message };

const eventTable = `
  CREATE TABLE test_event (
    origin TEXT, lane TEXT, seq INTEGER, event_id TEXT, body TEXT,
    PRIMARY KEY (origin, lane, seq)
  );`;
const beatMs = 100;
/** A peer not heard for longer is not reachable. */
const silentMs = 300;

export interface Shown {
  gate: NodeId;
  verdict: Verdict;
}

export interface NodeWorld {
  clock: SimClock;
  random: SimRandom;
  bus: Bus<Parcel>;
  peers: readonly NodeId[];
  shown: Shown[];
}

/** A gate: real admission on a real journal, with a small stand-in for the sync engine. */
export class TestNode {
  readonly id: NodeId;
  #house: House;
  clockAgreed = true;
  journal: FaultyJournal;
  service!: AdmissionService;
  up = false;
  crashes = 0;
  /** The name of its event log: another one for each disk. */
  #origin: string;
  readonly #world: NodeWorld;
  readonly #heard = new Map<NodeId, number>();
  #beat: Timer | null = null;
  #headsCache: [NodeId, number][] | null = null;

  constructor(id: NodeId, house: House, world: NodeWorld, path = ':memory:') {
    this.id = id;
    this.#origin = id;
    this.#house = house;
    this.#world = world;
    this.journal = this.#open(path);
    this.start();
  }

  #open(path: string): FaultyJournal {
    return faultyJournal(openJournal({ path, migrations: [...ledgerMigrations, eventTable] }));
  }

  /** The house feed brought other rows. */
  set house(house: House) {
    this.#house = house;
    this.service.onHouse();
  }

  start(): void {
    const { clock, random, bus } = this.#world;
    const boot = startBoot(this.journal, random);
    this.#heard.clear();
    this.service = createAdmission({
      self: { node: this.id, boot, theatreNo },
      ledger: openLedger(this.journal),
      clock,
      random,
      replica: viewOf(() => this.#house),
      events: { append: (body) => this.#append(body), flush: () => this.#flush() },
      mesh: {
        send: (peer, message) => bus.send(this.id, peer, { kind: 'message', message }),
        reachable: () => this.#world.peers.filter((peer) => this.#isHeard(peer)),
        lastHeardAgoMs: (peer) => this.#agoMs(peer),
      },
      logger: silentLogger(),
      verifySignature: verifyTest,
      stepCode: stepCodeTest,
      clockAgreed: () => this.clockAgreed,
    });
    this.up = true;
    const { service } = this;
    bus.join(this.id, (from, parcel) => {
      if (this.service === service) this.#guard(() => this.#receive(from, parcel));
    });
    for (const peer of this.#world.peers) {
      const hello = { type: 'hello', node: this.id, role: 'gate', boot, oldest: 1, newest: 1 };
      const message = { ...hello, wallMs: 0 } as Message;
      bus.send(this.id, peer, { kind: 'message', message });
    }
    this.#pulse(boot);
  }

  /** Dies without a word; `start` takes the same journal up again. */
  crash(): void {
    if (!this.up) return;
    this.up = false;
    this.crashes += 1;
    this.journal.dieAfterWrites = null;
    this.journal.dieAfterCommits = null;
    this.#world.bus.leave(this.id);
    this.#beat?.cancel();
    // What a dying process would still send goes nowhere.
    this.#world.bus.mute(this.id, () => this.service.close());
  }

  /** A new disk in the same box. */
  replaceDisk(): void {
    this.crash();
    this.journal.close();
    this.journal = this.#open(':memory:');
    this.#headsCache = null;
    this.#origin += '~';
  }

  stop(): void {
    this.crash();
    this.journal.close();
  }

  /** Scans; what a guest is shown goes to `shown`. Never rejects. */
  scan(request: Partial<ScanInput> & { text: string }): Promise<Verdict | null> {
    if (!this.up) return Promise.resolve(null);
    const { service } = this;
    const scanId = request.scanId ?? this.#world.random.uuid();
    return service.scan({ peek: false, override: false, ...request, scanId }).then(
      (verdict) => {
        if (this.service !== service || !this.up) return null;
        this.#world.shown.push({ gate: this.id, verdict });
        return verdict;
      },
      (error: unknown) => {
        if (error instanceof Crash) this.crash();
        return null;
      },
    );
  }

  /** Own and received events of a lane, in order. */
  events(lane: 'ledger' | 'telemetry'): TestEvent[] {
    return this.#read('lane = ? ORDER BY origin, seq', lane);
  }

  #read(where: string, ...values: SqlValue[]): TestEvent[] {
    const rows = this.journal
      .prepare<{ origin: string; seq: number; event_id: string; body: string }>(
        `SELECT * FROM test_event WHERE ${where}`,
      )
      .all(...values);
    return rows.map((row) => ({
      origin: row.origin,
      seq: row.seq,
      eventId: row.event_id,
      body: eventBodySchema.parse(JSON.parse(row.body)),
    }));
  }

  /** Receives one event, however it came. */
  hear(event: TestEvent): void {
    this.#guard(() => this.#apply(event));
  }

  #pulse(boot: number): void {
    const heartbeat = {
      type: 'heartbeat',
      boot,
      wallMs: 0,
      recovering: this.service.recovering(),
      feeds: [],
      lanes: [],
      configEpochs: this.service.configEpochs(),
      upstream: 'none',
    } as const;
    const message: Message = { ...heartbeat, feeds: [], lanes: [] };
    for (const peer of this.#world.peers) {
      this.#world.bus.send(this.id, peer, {
        kind: 'have',
        heads: this.#heads(),
        heartbeat: message,
      });
    }
    this.#beat = this.#world.clock.setTimer(`beat ${this.id}`, beatMs, () => this.#pulse(boot));
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.crash();
    }
  }

  #receive(from: NodeId, parcel: Parcel): void {
    this.#heard.set(from, this.#world.clock.monotonicMs());
    switch (parcel.kind) {
      case 'message':
        this.service.onMessage(from, parcel.message);
        return;
      case 'events':
        for (const event of parcel.events) this.#apply(event);
        return;
      case 'have':
        this.service.onMessage(from, parcel.heartbeat);
        this.#sendMissing(from, new Map(parcel.heads));
    }
  }

  #sendMissing(peer: NodeId, heads: ReadonlyMap<NodeId, number>): void {
    if (this.#heads().every(([origin, seq]) => seq <= (heads.get(origin) ?? 0))) return;
    const events = this.events('ledger').filter(
      (event) => event.seq > (heads.get(event.origin) ?? 0),
    );
    if (events.length > 0) this.#world.bus.send(this.id, peer, { kind: 'events', events });
  }

  #apply(event: TestEvent): void {
    const { origin, seq, eventId, body } = event;
    this.journal.transaction(() => {
      if (origin === this.#origin || this.#head(this.journal, origin, 'ledger') + 1 !== seq) return;
      this.#insert(event, 'ledger');
      this.service.applyEvent({ node: origin }, { eventId, seq, body });
    });
  }

  #append(body: EventBody): { eventId: string; seq: number } {
    const lane = laneOfKind[body.kind];
    const seq = this.#head(this.journal, this.#origin, lane) + 1;
    const eventId = this.#world.random.uuid();
    this.#insert({ origin: this.#origin, seq, eventId, body: eventBodySchema.parse(body) }, lane);
    return { eventId, seq };
  }

  #insert(event: TestEvent, lane: string): void {
    this.#headsCache = null;
    this.journal
      .prepare('INSERT INTO test_event VALUES (?, ?, ?, ?, ?)')
      .run(event.origin, lane, event.seq, event.eventId, JSON.stringify(event.body));
  }

  #flush(): void {
    const own = this.#read(
      "origin = ? AND lane = 'ledger' ORDER BY seq DESC LIMIT 2",
      this.#origin,
    );
    const events = own.toReversed();
    for (const peer of this.#world.peers) {
      this.#world.bus.send(this.id, peer, { kind: 'events', events });
    }
  }

  #head(journal: Journal, origin: NodeId, lane: string): number {
    const row = journal
      .prepare<{ seq: number | null }>(
        'SELECT MAX(seq) AS seq FROM test_event WHERE origin = ? AND lane = ?',
      )
      .get(origin, lane);
    return row?.seq ?? 0;
  }

  #heads(): [NodeId, number][] {
    this.#headsCache ??= this.journal
      .prepare<{ origin: string; seq: number }>(
        "SELECT origin, MAX(seq) AS seq FROM test_event WHERE lane = 'ledger' GROUP BY origin",
      )
      .all()
      .map(({ origin, seq }): [NodeId, number] => [origin, seq]);
    return this.#headsCache;
  }

  #agoMs(peer: NodeId): number | null {
    const at = this.#heard.get(peer);
    return at === undefined ? null : this.#world.clock.monotonicMs() - at;
  }

  #isHeard(peer: NodeId): boolean {
    const agoMs = this.#agoMs(peer);
    return agoMs !== null && agoMs <= silentMs;
  }
}
