import type { EventStore, Refusal } from '@foyer/cloud-sync/engine';
import { isFoyerError, type Verdict } from '@foyer/contracts';
import type { Logger, Random } from '@foyer/platform';
import { rotatingStepCode, verifyEd25519 } from '@foyer/platform/node';
import type { AgentConfig } from '../config.ts';
import { createAdmission } from '../domain/admission/index.ts';
import type { AdmissionService } from '../domain/admission/ports.ts';
import type { GuardedClock } from './guarded-clock.ts';
import type { MeshHub } from './mesh-hub.ts';
import type { HouseView } from './replica-view.ts';
import type { Storage } from './storage.ts';

export interface AdmissionParts {
  config: Pick<AgentConfig, 'node' | 'theatreNo'>;
  storage: Storage;
  clock: GuardedClock;
  random: Random;
  logger: Logger;
  view: HouseView;
  hub: MeshHub;
  events: EventStore;
  /** A code is held up; nothing is decided yet. */
  onAsked(): void;
  onVerdict(verdict: Verdict): void;
  onRefused(refusal: Refusal): void;
}

// A key row of the wrong length is a fault of the feed, and its tickets are not verifiable.
function verifier(logger: Logger) {
  return (publicKey: string, core: Uint8Array, signature: Uint8Array): boolean => {
    try {
      return verifyEd25519(publicKey, core, signature);
    } catch (error) {
      logger.error('key-unusable', { code: isFoyerError(error) ? error.code : String(error) });
      return false;
    }
  };
}

/** Admission on this agent's stores, clock and mesh. */
export function buildAdmission(parts: AdmissionParts): AdmissionService {
  const { config, storage, clock, logger, hub, events } = parts;
  return createAdmission({
    self: { node: config.node, boot: storage.boot, theatreNo: config.theatreNo },
    ledger: storage.ledger,
    clock,
    random: parts.random,
    replica: parts.view,
    // What is appended is pushed by itself, right after its commit.
    events: { append: (body) => events.append(body), flush: () => {} },
    mesh: hub,
    logger,
    verifySignature: verifier(logger),
    stepCode: (showKey, ticketId, step) => rotatingStepCode(showKey, ticketId, step),
    clockAgreed: () => clock.agreed(),
    onAsked: () => parts.onAsked(),
    onVerdict: (verdict) => parts.onVerdict(verdict),
    onRefused: (peer, type, reason) => parts.onRefused({ reason, type, peer }),
  });
}
