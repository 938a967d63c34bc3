import {
  showNoSchema,
  utcMsSchema,
  type Emergency,
  type LiveState,
  type LiveView,
  type NodeId,
  type Role,
} from '@foyer/contracts';
import { z } from 'zod';
import { gravity } from './emergencies.ts';
import { maxValueChars } from './live-state.ts';

/** A node of the list that is not revoked, as this node sees it. */
export interface LiveNode {
  node: NodeId;
  role: Role;
  /** It answers; this very node always does. */
  alive: boolean;
  recovering: boolean;
  /** When it was last heard, by this node's clock; null: not in this run. */
  heardMs: number | null;
}

export interface LiveFacts {
  states: readonly LiveState[];
  nodes: readonly LiveNode[];
  /** Active ones. */
  emergencies: readonly Emergency[];
  nowMs: number;
}

const count = z.int().min(0).max(1_000_000);
const countsSchema = z.record(z.string().regex(/^[1-9][0-9]{0,9}$/), count);
export const queueValueSchema = z.object({ waiting: count, atMs: utcMsSchema });
export const delayValueSchema = z.object({
  delayMin: z.int().min(0).max(1440),
  atMs: utcMsSchema,
});

type Told = LiveView['admitted'][string];

interface Candidate {
  told: Told;
  alive: boolean;
  rank: number;
}

/** The prefix of topics that tell a show's delay. */
export const delayTopic = 'delay/';

/** Whether a value of a topic may change the view; emergencies are kept beside it. */
export function isFolded(topic: string): boolean {
  return ['occupancy', 'sold', 'queue'].includes(topic) || topic.startsWith(delayTopic);
}

/** More than this of one kind is more than a theatre has. */
const maxEmergencies = 8;
const maxGates = 64;

function read<T>(schema: z.ZodType<T>, state: LiveState): T | null {
  if (JSON.stringify(state.value).length > maxValueChars) return null;
  const parsed = schema.safeParse(state.value);
  return parsed.success ? parsed.data : null;
}

/** For each show the best candidate: of a node that answers if there is one, then by rank. */
class Best {
  readonly #byShow = new Map<string, Candidate>();

  offer(show: string, one: Candidate): void {
    const best = this.#byShow.get(show);
    const better =
      best === undefined ||
      (one.alive === best.alive ? one.rank > best.rank : one.alive && !best.alive);
    if (better) this.#byShow.set(show, one);
  }

  told(): Record<string, Told> {
    return Object.fromEntries([...this.#byShow].map(([show, { told }]) => [show, told]));
  }
}

const theatreFirst = 1e16;

// Every gate counts the whole house: the highest knows the most. Sales also fall, by refunds.
function foldCounts(facts: LiveFacts, nodes: ReadonlyMap<NodeId, LiveNode>) {
  const admitted = new Best();
  const sold = new Best();
  for (const state of facts.states) {
    const node = nodes.get(state.node);
    if (node === undefined || (state.topic !== 'occupancy' && state.topic !== 'sold')) continue;
    const counts = read(countsSchema, state);
    if (counts === null) continue;
    const { alive, heardMs } = node;
    const atMs = alive ? facts.nowMs : Math.round(heardMs ?? state.atMs);
    for (const [show, number] of Object.entries(counts)) {
      const told = { count: number, atMs };
      if (state.topic === 'occupancy') admitted.offer(show, { told, alive, rank: number });
      else {
        const rank = state.atMs + (node.role === 'theatre' ? theatreFirst : 0);
        sold.offer(show, { told, alive, rank });
      }
    }
  }
  return { admitted: admitted.told(), sold: sold.told() };
}

/** The delay of each show that was told last, those that ended too. */
export function latestDelays(
  states: readonly LiveState[],
  isMember: (node: NodeId) => boolean,
): LiveView['delays'] {
  const latest = new Map<number, LiveView['delays'][number]>();
  for (const state of states) {
    if (!state.topic.startsWith(delayTopic) || !isMember(state.node)) continue;
    const showNo = showNoSchema.safeParse(Number(state.topic.slice(delayTopic.length)));
    const value = read(delayValueSchema, state);
    if (!showNo.success || value === null) continue;
    const known = latest.get(showNo.data);
    if (known !== undefined && known.atMs >= value.atMs) continue;
    latest.set(showNo.data, { showNo: showNo.data, ...value });
  }
  return [...latest.values()].toSorted((one, other) => one.showNo - other.showNo);
}

function foldWaiting(facts: LiveFacts, nodes: ReadonlyMap<NodeId, LiveNode>) {
  const waiting: LiveView['waiting'] = {};
  for (const state of facts.states) {
    if (state.topic !== 'queue' || !nodes.has(state.node)) continue;
    const value = read(queueValueSchema, state);
    if (value === null) continue;
    waiting[state.node] = { count: value.waiting, atMs: Math.min(value.atMs, facts.nowMs) };
  }
  return waiting;
}

/** The eight that matter most, the newest first. */
function foldEmergencies(emergencies: readonly Emergency[]): Emergency[] {
  const newest = (one: Emergency, other: Emergency): number =>
    other.atMs - one.atMs || (one.emergencyId < other.emergencyId ? -1 : 1);
  return emergencies
    .filter(({ active }) => active)
    .toSorted((one, other) => gravity[other.kind] - gravity[one.kind] || newest(one, other))
    .slice(0, maxEmergencies)
    .toSorted(newest);
}

/**
 * What is going on in the house, from the last values of its nodes. Values of nodes that are not
 * (or no more) in the list, and those that are malformed or too large, are left out. The time of a
 * count is when it was last known to hold: now, for a node that answers.
 */
export function foldLiveView(facts: LiveFacts): LiveView {
  const nodes = new Map(facts.nodes.map((node) => [node.node, node]));
  const delays = latestDelays(facts.states, (node) => nodes.has(node));
  const gates = facts.nodes
    .filter(({ role }) => role === 'gate')
    .toSorted((one, other) => (one.node < other.node ? -1 : 1))
    .slice(0, maxGates)
    .map(({ node, alive, recovering, heardMs }) => ({
      node,
      open: alive && !recovering,
      atMs: alive ? facts.nowMs : Math.max(0, Math.round(heardMs ?? 0)),
    }));
  return {
    ...foldCounts(facts, nodes),
    waiting: foldWaiting(facts, nodes),
    delays: delays.filter(({ delayMin }) => delayMin > 0),
    emergencies: foldEmergencies(facts.emergencies),
    gates,
  };
}
