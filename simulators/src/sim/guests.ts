import { isFoyerError } from '@foyer/contracts';

import type { SeenVerdict } from '../checkers/evidence.ts';
import { forgedCodeOf, gateIds, type SimTicket } from './fixture.ts';
import type { SimNode } from './node.ts';
import type { Run } from './run-state.ts';
import type { Afterwards, PlannedScan } from './scenario.ts';
import { isRecorded } from './watch.ts';

/** A turnstile tells what the guest did so long after the green, ms. */
const passageAfterMs = 800;

function textOf(ticket: SimTicket, text: PlannedScan['text']): string {
  if (text === 'code') return ticket.code;
  if (text === 'foreign') return 'https://example.org/menu';
  return forgedCodeOf(ticket.ticketId, ticket.showNo);
}

/** Holds a code up at a gate; what is shown goes to the watch. */
export function holdUp(
  run: Run,
  gate: SimNode,
  request: { text: string; scanId: string; override: boolean },
  into?: SeenVerdict[],
): void {
  const askedRunMs = run.world.runMs;
  const { starts, diskName: disk } = gate;
  if (!gate.up) return;
  gate.scan({ ...request, peek: false }).then(
    (verdict) => {
      // A process that died meanwhile has shown nothing.
      if (!gate.up || gate.starts !== starts) return;
      const { runMs } = run.world;
      run.say(
        `${gate.id} shows ${verdict.colour} ${verdict.reason} ${verdict.flags.join(',')} ` +
          `${verdict.right === undefined ? '' : `${verdict.right.ticketId}/${verdict.right.n}`} ` +
          `scan ${verdict.scanId.slice(0, 8)} after ${(runMs - askedRunMs).toFixed(1)} ms`,
      );
      const recorded = verdict.colour === 'green' ? { recorded: isRecorded(gate, verdict) } : {};
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
        },
        into,
      );
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

function ticketsEpochOf(gate: SimNode): string | null {
  const feeds = gate.api?.status().feeds ?? [];
  return feeds.find(({ feed }) => feed === 'tickets')?.epoch ?? null;
}

function goOn(gate: SimNode, scanId: string, afterwards: Afterwards): void {
  const admission = gate.api?.admission ?? null;
  if (admission === null || afterwards === 'nothing') return;
  try {
    if (afterwards === 'undo') admission.annul({ scanId, reason: 'by mistake' });
    else admission.passage({ scanId, outcome: afterwards });
  } catch (error) {
    // There was no green to undo, or the disk is full, or the process died of it.
    if (!isFoyerError(error) && gate.up) throw error;
  }
}

/** One planned scan, with what follows it. */
export function scanAsPlanned(
  run: Run,
  tickets: readonly (SimTicket | undefined)[],
  plan: PlannedScan,
): void {
  const id = gateIds(plan.gate + 1).at(-1) ?? '';
  const ticket = tickets[plan.ticket];
  if (ticket === undefined) return;
  const gate = run.world.node(id);
  const { scanId, override } = plan;
  const request = { text: textOf(ticket, plan.text), scanId, override };
  holdUp(run, gate, request);
  const { againAfterMs } = plan;
  if (againAfterMs !== null) {
    run.at(run.world.runMs + againAfterMs, () => holdUp(run, gate, request));
  }
  if (plan.afterwards === 'nothing') return;
  run.at(run.world.runMs + passageAfterMs, () => goOn(gate, scanId, plan.afterwards));
}
