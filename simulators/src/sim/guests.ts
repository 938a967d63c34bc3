import { isFoyerError, type NodeId } from '@foyer/contracts';

import type { SeenVerdict } from '../checkers/evidence.ts';
import type { Green } from './ambush.ts';
import { forgedCodeOf, gateIds, type SimTicket } from './fixture.ts';
import type { SimNode } from './node.ts';
import { goOn } from './passages.ts';
import type { PlannedScan } from './scenario.ts';
import { isRecorded, type Watch } from './watch.ts';
import type { SimWorld } from './world.ts';

/** Where guests act, and who watches them. */
export interface Stage {
  readonly world: SimWorld;
  readonly watch: Watch;
  at(runMs: number, work: () => void): void;
  say(what: string): void;
  /** Whether nothing had touched gates, their network or clocks for a while before. */
  isCalm(askedRunMs: number): boolean;
  /** The group of a gate while one clean split is all that is wrong; null otherwise. */
  groupOf(gate: NodeId, askedRunMs: number): string | null;
  /** Gates that hear of no other clock since their start. */
  readonly lonely: ReadonlySet<NodeId>;
  /** A code is held up at a gate. */
  scanAsked(gate: NodeId, text: string): void;
  /** A gate has shown green for a code. */
  greenShown(gate: NodeId, green: Green): void;
}

/** A turnstile tells what the guest did so long after the green, ms. */
const passageAfterMs = 800;

function textOf(ticket: SimTicket, text: PlannedScan['text']): string {
  if (text === 'code') return ticket.code;
  if (text === 'foreign') return 'https://example.org/menu';
  return forgedCodeOf(ticket.ticketId, ticket.showNo);
}

/** Holds a code up at a gate; what is shown goes to the watch. */
export function holdUp(
  run: Stage,
  gate: SimNode,
  request: { text: string; scanId: string; override: boolean; peek?: boolean },
  into?: SeenVerdict[],
): void {
  const askedRunMs = run.world.runMs;
  const { starts, diskName: disk } = gate;
  const alone = run.lonely.has(gate.id) && hasHeardNobody(gate);
  if (!gate.up) return;
  run.scanAsked(gate.id, request.text);
  gate.scan({ peek: false, ...request }).then(
    (verdict) => {
      // A process that died meanwhile has shown nothing.
      if (!gate.up || gate.starts !== starts) return;
      const { runMs } = run.world;
      run.say(
        `${gate.id} shows ${verdict.colour} ${verdict.reason} ${verdict.flags.join(',')} ` +
          `${verdict.right === undefined ? '' : `${verdict.right.ticketId}/${verdict.right.n}`} ` +
          `scan ${verdict.scanId.slice(0, 8)} after ${(runMs - askedRunMs).toFixed(1)} ms`,
      );
      const isGreen = verdict.colour === 'green' && verdict.reason !== 'valid';
      const recorded = isGreen ? { recorded: isRecorded(gate, verdict) } : {};
      run.watch.shown(
        {
          askedRunMs,
          runMs,
          gate: gate.id,
          disk,
          verdict,
          ticketsEpoch: ticketsEpochOf(gate),
          ...recorded,
          calm: run.isCalm(askedRunMs),
          group: run.groupOf(gate.id, askedRunMs),
          ...(alone ? { alone: { notBeforeMs: agreedMs(gate) } } : {}),
        },
        into,
      );
      const { right } = verdict;
      if (!isGreen || right === undefined) return;
      run.greenShown(gate.id, { text: request.text, scanId: verdict.scanId, right });
    },
    (error: unknown) => {
      const crashed = gate.starts !== starts || !gate.up;
      const code = isFoyerError(error) ? error.code : String(error);
      const { runMs } = run.world;
      run.watch.failedScans.push({
        askedRunMs,
        runMs,
        gate: gate.id,
        scanId: request.scanId,
        code,
        crashed,
      });
    },
  );
}

/** Whether no other node was heard since this start. */
const hasHeardNobody = (gate: SimNode): boolean =>
  gate.api?.status().peers.every(({ lastHeardAgoMs }) => lastHeardAgoMs === null) ?? false;

/** UTC milliseconds that a gate had agreed on and put down, on the disk of now. */
function agreedMs(gate: SimNode): number | null {
  const sql = "SELECT value FROM agent_meta WHERE name = 'clock-floor-ms'";
  return gate.disk.read<{ value: number }>(sql)[0]?.value ?? null;
}

function ticketsEpochOf(gate: SimNode): string | null {
  const sql = "SELECT epoch FROM sync_feed WHERE feed = 'tickets'";
  return gate.disk.open().prepare<{ epoch: string | null }>(sql).get()?.epoch ?? null;
}

/** One planned scan, with what follows it. */
export function scanAsPlanned(
  run: Stage,
  tickets: readonly (SimTicket | undefined)[],
  plan: PlannedScan,
): void {
  const id = gateIds(plan.gate + 1).at(-1) ?? '';
  const ticket = tickets[plan.ticket];
  if (ticket === undefined) return;
  const gate = run.world.node(id);
  const { scanId, override, peek } = plan;
  const request = { text: textOf(ticket, plan.text), scanId, override, peek };
  holdUp(run, gate, request);
  const { againAfterMs } = plan;
  if (againAfterMs !== null) {
    run.at(run.world.runMs + againAfterMs, () => holdUp(run, gate, request));
  }
  if (plan.afterwards === 'nothing') return;
  // A turnstile that got no answer tells it again.
  for (const laterMs of [0, 300]) {
    const atMs = run.world.runMs + passageAfterMs + laterMs;
    run.at(atMs, () => goOn(gate, scanId, plan.afterwards));
  }
}
