import type { NodeId } from '@foyer/contracts';
import { Ambushes, type Green } from './ambush.ts';
import type { SimDisk, SimRandom, Weather } from '@foyer/platform/sim';
import { hubName } from '@foyer/platform/sim';

import { kindOf, type Fault, type Hands, type LossKind, type Twin } from './faults/index.ts';
import { nodeRow } from './fixture.ts';
import { holdUp, type Stage } from './guests.ts';
import { theatreNo } from './node.ts';
import {
  differsFrom,
  eventIdsInCloud,
  eventIdsOn,
  eventsOn,
  feedHeads,
  ledgerIdsInCloud,
  ledgerIdsOn,
} from './read.ts';
import type { Trace } from './trace.ts';
import { Watch } from './watch.ts';
import { brokerName, type SimWorld } from './world.ts';

/** What a fault changes shows in so long, ms; it may last much longer. */
const newFaultMs = 10_000;
/** Claims need their votes again so long after the last trouble, at the latest. */
const settledAfterMs = 3000;

/** Lives of disks that a second machine has, so many from those that the first one has. */
const twinLives = 1000;

/** A run under way: the world, what watches it, and the hands that break and mend it. */
export class Run implements Hands, Stage {
  readonly world: SimWorld;
  readonly watch: Watch;
  readonly fine: { readonly lan: Weather; readonly wan: Weather };
  readonly ambushes: Ambushes;
  readonly damagedRows = new Set<NodeId>();
  readonly lonely = new Set<NodeId>();
  readonly cables = { theatre: brokerName('theatre'), cloud: hubName };
  readonly #trace: Trace;
  readonly #active = new Map<Fault, number>();
  readonly #statuses = new Map<NodeId, 'active' | 'dead'>();
  readonly #injected = new Map<string, number>();
  readonly #backups = new Map<string, SimDisk>();
  readonly #twins = new Map<NodeId, ReturnType<SimWorld['addTwin']> & { sinceRunMs: number }>();
  #spare = false;
  #lastTroubleMs = Number.NEGATIVE_INFINITY;

  /** @param texts codes that guests of the house hold. */
  constructor(world: SimWorld, trace: Trace, texts: readonly string[]) {
    this.world = world;
    const scene = {
      world,
      random: world.random.fork('ambush'),
      at: (runMs: number, work: () => void) => this.at(runMs, work),
      holdUp: (gate: NodeId, request: Parameters<typeof holdUp>[2]) =>
        holdUp(this, world.node(gate), request),
    };
    this.ambushes = new Ambushes(scene, texts);
    this.watch = new Watch(world, () => this.#isBroken());
    this.fine = { lan: { ...world.lan.weather }, wan: { ...world.wan.weather } };
    this.#trace = trace;
  }

  #isBroken(): boolean {
    const sinceMs = this.world.runMs - newFaultMs;
    return [...this.#active.values()].some((beganMs) => beganMs > sinceMs);
  }

  at(runMs: number, work: () => void): void {
    this.world.clock.setTimer('script', runMs - this.world.runMs, work);
  }

  look(node: NodeId): void {
    this.watch.lookAtCloud();
    this.watch.look(this.world.node(node));
  }

  say(what: string): void {
    this.#trace?.('--', what);
  }

  begin(fault: Fault, random: SimRandom): void {
    const { kind, node, other, amount, groups } = fault;
    const whom = groups.length > 0 ? groups.map((one) => one.join('+')).join(' | ') : node;
    this.say(`fault ${fault.id} begins: ${kind} ${whom} ${other} ${amount.toFixed(3)}`);
    this.#active.set(fault, this.world.runMs);
    kindOf(kind).begin(this, fault, random);
  }

  end(fault: Fault): void {
    if (!this.#active.has(fault)) return;
    this.say(`fault ${fault.id} ends: ${fault.kind}`);
    if (troublesGates(fault)) this.#lastTroubleMs = this.world.runMs;
    this.#active.delete(fault);
    kindOf(fault.kind).end?.(this, fault);
  }

  /** A process ended by itself: as troublesome as one that was killed. */
  trouble(): void {
    this.#lastTroubleMs = this.world.runMs;
  }

  /** Whether nothing had touched gates, their network or clocks for a while before. */
  isCalm(askedRunMs: number): boolean {
    return this.#settled(askedRunMs) && ![...this.#active.keys()].some(troublesGates);
  }

  /** The group of a gate while one clean split is all that is wrong; null otherwise. */
  groupOf(gate: NodeId, askedRunMs: number): string | null {
    const troubles = [...this.#active].filter(([fault]) => troublesGates(fault));
    const [only] = troubles;
    if (only === undefined || troubles.length > 1 || !this.#settled(askedRunMs)) return null;
    const [{ id, kind, groups }, sinceMs] = only;
    if (kind !== 'lan-halves' || sinceMs > askedRunMs - settledAfterMs) return null;
    const group = groups.findIndex((nodes) => nodes.includes(gate));
    return group < 0 ? null : `${id}/${group}`;
  }

  #settled(askedRunMs: number): boolean {
    return this.#lastTroubleMs < askedRunMs - settledAfterMs;
  }

  // -- processes ---------------------------------------------------------------------------------

  kill(node: NodeId, why: string, then?: (disk: SimDisk) => void): void {
    this.world.node(node).on = false;
    this.world.node(node).crash(why, then);
  }

  revive(node: NodeId): void {
    const one = this.world.node(node);
    one.disarm();
    one.start();
  }

  // -- guests who were waiting for it -----------------------------------------------------------

  scanAsked(gate: NodeId, text: string): void {
    this.ambushes.scanAsked(gate, text);
  }

  greenShown(gate: NodeId, green: Green): void {
    this.ambushes.greenShown(gate, green);
  }

  // -- disks -------------------------------------------------------------------------------------

  /** The process ends, and its disk with it, or a part of the disk. */
  loseDisk(node: NodeId, kind: LossKind, then: (disk: SimDisk) => void, loses?: 'nothing'): void {
    const one = this.world.node(node);
    const had = eventsOn(one.disk);
    this.watch.keep(had);
    this.kill(node, `its disk was ${kind}`, then);
    one.diskLife += 1;
    const left = new Set(ledgerIdsOn(one.disk));
    const elsewhere = this.#ledgerIds(one.id);
    const onlyThere = had
      .filter((event) => event.lane === 'ledger' && loses !== 'nothing')
      .map((event) => event.eventId)
      .filter((id) => !elsewhere.has(id) && !left.has(id));
    this.watch.losses.push({ runMs: this.world.runMs, node: one.id, kind, onlyThere });
  }

  backUp(node: NodeId): void {
    this.#backups.get(node)?.destroy();
    this.#backups.set(node, this.world.node(node).disk.clone());
  }

  restore(node: NodeId): void {
    const backup = this.#backups.get(node);
    if (backup === undefined) return;
    this.loseDisk(node, 'restored', (disk) => disk.restore(backup));
  }

  /** Another gate starts from a copy of this one's disk. */
  cloneDisk(node: NodeId, other: NodeId): void {
    const copy = this.world.node(node).disk.clone();
    this.loseDisk(other, 'cloned', (disk) => disk.restore(copy));
    copy.destroy();
  }

  /** A second machine starts from a copy of a node's disk, under its name. */
  beginTwin(node: NodeId): Twin {
    const one = this.world.node(node);
    const twin = this.world.addTwin(one.id, one.disk.clone());
    twin.node.diskLife = twinLives + one.diskLife;
    this.noteLoss(one.id, 'cloned');
    const sinceRunMs = this.world.runMs;
    twin.node.start();
    const holdUpAt = (text: string, scanId: string): void =>
      holdUp(this, twin.node, { text, scanId, override: false });
    this.#twins.set(node, { ...twin, sinceRunMs });
    return { take: twin.take, holdUp: holdUpAt };
  }

  /** The second machine is thrown away, with its disk. */
  endTwin(node: NodeId): void {
    const twin = this.#twins.get(node);
    if (twin === undefined) return;
    this.#twins.delete(node);
    const { disk, id } = twin.node;
    const had = eventsOn(disk);
    this.watch.keep(had);
    twin.node.on = false;
    twin.node.crash('it is taken away');
    twin.take(false);
    const elsewhere = this.#ledgerIds(null);
    const ledger = had.filter((event) => event.lane === 'ledger').map(({ eventId }) => eventId);
    this.noteLoss(
      id,
      'cloned',
      ledger.filter((one) => !elsewhere.has(one)),
      twin.sinceRunMs,
    );
    disk.destroy();
  }

  noteLoss(
    node: NodeId,
    kind: LossKind,
    onlyThere: string[] = [],
    sinceRunMs = this.world.runMs,
  ): void {
    const { runMs } = this.world;
    this.watch.losses.push({ runMs, sinceRunMs, node, kind, onlyThere });
  }

  /** The operator gives a gate another name; its disk stays. */
  renameNode(node: NodeId, as: NodeId): void {
    const before = this.world.nameOf(node);
    this.kill(node, 'it gets another name');
    this.world.rename(node, as);
    this.watch.losses.push({ runMs: this.world.runMs, node: as, kind: 'renamed', onlyThere: [] });
    this.#statuses.set(before, 'dead');
    this.setNodeStatus(node, 'active');
    this.world.node(node).start();
  }

  /** Hostile payloads that were sent in a node's name. */
  injected(from: string): void {
    const node = from.split('/').at(-1) ?? from;
    this.#injected.set(node, (this.#injected.get(node) ?? 0) + 1);
  }

  get injections(): { node: string; count: number }[] {
    return [...this.#injected].map(([node, count]) => ({ node, count }));
  }

  // -- the cloud ---------------------------------------------------------------------------------

  killCloud(then: (disk: SimDisk) => void): void {
    this.say('the cloud ends');
    this.world.cloud.crash(then);
  }

  startCloud(): void {
    this.say('the cloud starts');
    void this.world.cloud.start();
  }

  backUpCloud(): void {
    this.#backups.get(hubName)?.destroy();
    this.#backups.set(hubName, this.world.cloud.disk.clone());
  }

  restoreCloud(): void {
    const backup = this.#backups.get(hubName);
    if (backup === undefined) return;
    const { cloud } = this.world;
    this.watch.lookAtCloud();
    const had = ledgerIdsInCloud(cloud.disk);
    this.killCloud((disk) => disk.restore(backup));
    cloud.diskLife += 1;
    const left = this.#ledgerIds(null);
    const onlyThere = had.filter((id) => !left.has(id));
    const { runMs } = this.world;
    this.watch.losses.push({ runMs, node: hubName, kind: 'restored', onlyThere });
  }

  /** The operator adds a node to the list, or changes what it is. */
  setNodeStatus(node: NodeId, status: 'active' | 'dead'): void {
    this.#statuses.set(this.world.nameOf(node), status);
    const { worker } = this.world.cloud;
    if (worker === null) return;
    const known = [...new Set([...this.world.nodes.keys(), ...this.#statuses.keys()])];
    const nodes = known.map((id) => ({
      ...nodeRow(id),
      status: this.#statuses.get(id) ?? ('active' as const),
    }));
    if (this.#spare) nodes.push({ ...nodeRow('screen-9'), role: 'screen', status: 'active' });
    worker.catalogue.putNodes(theatreNo, { nodes }).catch((error: unknown) => {
      this.say(`the list of nodes was not taken: ${String(error)}`);
    });
  }

  /** A cloud that was restored may have forgotten what operators did since: they do it again. */
  restateNodes(): void {
    for (const [node, status] of [...this.#statuses]) this.setNodeStatus(node, status);
  }

  /** A screen is in the list of nodes, or not any more: rows go, too. */
  toggleSpareScreen(): void {
    this.#spare = !this.#spare;
    this.setNodeStatus('theatre', 'active');
  }

  /** What the cloud and the nodes, looked at from outside, do not agree on. */
  missingInCloud(): string[] {
    const { cloud, nodes } = this.world;
    const heads = new Map(feedHeads(cloud.disk).map((head) => [head.feed, head]));
    const behind = [...nodes.values()].flatMap((node) =>
      (node.api?.status().feeds ?? []).flatMap(({ feed, epoch, cursor }) => {
        const head = heads.get(feed);
        const even = head === undefined || (head.epoch === epoch && head.head === cursor);
        return even ? [] : [`${node.id} is not at the cloud's place in ${feed}`];
      }),
    );
    const known = new Set(eventIdsInCloud(cloud.disk));
    const lacking = [...nodes.values()]
      .flatMap((node) => eventIdsOn(node.disk))
      .filter((id) => !known.has(id));
    // Whoever copied from a damaged replica lacks the same rows until that is mended.
    const suspects = this.damagedRows.size > 0 ? [...nodes.values()] : [];
    const damaged = suspects.filter(({ disk }) => differsFrom(cloud.disk, disk));
    return [
      ...behind,
      ...lacking.map((id) => `the cloud lacks ${id}`),
      ...damaged.map(({ id }) => `${id} has damaged rows`),
    ];
  }

  /** Ids of the ledger's events that are anywhere but on one node's disk. */
  #ledgerIds(except: NodeId | null): Set<string> {
    const ids = new Set(ledgerIdsInCloud(this.world.cloud.disk));
    for (const node of this.world.nodes.values()) {
      if (node.id === except) continue;
      for (const id of ledgerIdsOn(node.disk)) ids.add(id);
    }
    return ids;
  }

  // -- the end -----------------------------------------------------------------------------------

  /** Mends whatever is broken. */
  mendAll(): void {
    for (const fault of this.#active.keys()) this.end(fault);
    const { lan, wan, nodes, cloud } = this.world;
    lan.mend();
    lan.weather = { ...this.fine.lan };
    wan.weather = { ...this.fine.wan };
    wan.start();
    for (const name of Object.values(this.cables)) wan.setCable(name, true);
    for (const node of nodes.values()) {
      node.freeDisk();
      this.revive(node.id);
    }
    if (cloud.worker === null) this.startCloud();
  }

  close(): void {
    for (const node of [...this.#twins.keys()]) this.endTwin(node);
    for (const backup of this.#backups.values()) backup.destroy();
    this.world.close();
  }
}

function troublesGates(fault: Fault): boolean {
  const { troublesGates: troubles } = kindOf(fault.kind);
  return typeof troubles === 'function' ? troubles(fault) : troubles;
}
