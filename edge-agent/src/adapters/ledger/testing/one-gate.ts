import { openJournal, silentLogger } from '@foyer/platform/node';
import { SimClock, SimRandom } from '@foyer/platform/sim';
import { createAdmission } from '../../../domain/admission/index.ts';
import type { AdmissionDeps, AdmissionMessage } from '../../../domain/admission/ports.ts';
import { ledgerMigrations, openLedger, startBoot } from '../index.ts';
import { newHouse, stepCodeTest, testStartMs, theatreNo, verifyTest, viewOf } from './house.ts';

export type OneGate = ReturnType<typeof openOneGate>;

/** One gate by itself, with its parts in reach; `nodes` besides it never answer. */
export function openOneGate(nodes: readonly string[] = []) {
  const clock = new SimClock(testStartMs);
  const random = new SimRandom(5);
  const journal = openJournal({ path: ':memory:', migrations: ledgerMigrations });
  const house = newHouse(['gate-1', ...nodes]);
  const events: { kind: string }[] = [];
  const sent: AdmissionMessage[] = [];
  const refused: string[] = [];
  const fault: { append: Error | null } = { append: null };
  const deps: AdmissionDeps = {
    self: { node: 'gate-1', boot: startBoot(journal, random), theatreNo },
    ledger: openLedger(journal),
    clock,
    random,
    replica: viewOf(() => house),
    events: {
      append(body) {
        if (fault.append !== null) throw fault.append;
        events.push(body);
        return { eventId: random.uuid(), seq: events.length };
      },
      flush: () => {},
    },
    mesh: {
      send: (_peer, message) => {
        sent.push(message);
        return true;
      },
      reachable: () => nodes,
      lastHeardAgoMs: () => 0,
    },
    logger: silentLogger(),
    verifySignature: verifyTest,
    stepCode: stepCodeTest,
    clockAgreed: () => true,
    onRefused: (from, type, reason) => refused.push(`${from} ${type} ${reason}`),
  };
  const service = createAdmission(deps);
  const close = (): void => {
    service.close();
    journal.close();
  };
  const scan = (text: string, more: { scanId?: string; peek?: boolean } = {}) =>
    service.scan({ text, scanId: random.uuid(), peek: false, override: false, ...more });
  return {
    clock,
    random,
    journal,
    house,
    events,
    sent,
    refused,
    fault,
    deps,
    service,
    scan,
    close,
  };
}
