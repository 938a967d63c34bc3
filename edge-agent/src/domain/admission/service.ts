import {
  FoyerError,
  isFoyerError,
  type Message,
  type NodeId,
  type Right,
  type Verdict,
} from '@foyer/contracts';
import type { Timer } from '@foyer/platform';
import { Claimant } from './claimant.ts';
import { commitDenial, Tally } from './commit.ts';
import { countsOf } from './counts.ts';
import { Elector } from './elector.ts';
import { electorate, lonelyElectorate, type Electorate } from './electors.ts';
import { gatherFacts } from './facts.ts';
import { applyAnnulment, applyPassage } from './passages.ts';
import type {
  AdmissionDeps,
  AdmissionService,
  AnnulmentInput,
  PassageInput,
  ReceivedEvent,
  ScanInput,
} from './ports.ts';
import { applyReceived, type AdmissionBody } from './record.ts';
import { Recovery } from './recovery.ts';
import { lastAdmission, lowestOpenRight } from './rights.ts';
import { judge, type Passed } from './rules.ts';
import { ScanSession, type SessionHost } from './session.ts';
import { keepTidy } from './upkeep.ts';
import { alreadyAdmitted, makeVerdict, refusalParts } from './verdicts.ts';

/** Scans decided at once at one node; a gate has a few scanners. */
export const maxScansInFlight = 256;

type Settle = { resolve: (verdict: Verdict) => void; reject: (error: unknown) => void };

class Service implements AdmissionService {
  readonly #deps: AdmissionDeps;
  readonly #tally = new Tally();
  readonly #elector: Elector;
  readonly #claimant: Claimant;
  readonly #recovery: Recovery;
  readonly #upkeep: Timer;
  readonly #host: SessionHost;
  readonly #answers = new Map<string, Promise<Verdict>>();
  readonly #sessions = new Map<string, Set<ScanSession>>();
  #news: AdmissionBody[] = [];
  #newsTimer: Timer | null = null;
  #closed = false;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    this.#recovery = new Recovery(deps);
    this.#claimant = new Claimant(deps);
    this.#elector = new Elector({
      ...deps,
      ownAttempt: (right) => this.#claimant.attemptAt(right),
      votesIn: (configEpoch) => this.#recovery.votesIn(configEpoch),
    });
    this.#host = {
      deps,
      tally: this.#tally,
      claimant: this.#claimant,
      electorateOf: (right, passed) => this.#electorateOf(right, passed),
      ownAnswer: (right, configEpoch) => this.#elector.ownAnswer(right, configEpoch),
      claimEnded: (session) => this.#wake(session.ticketId, session),
    };
    this.#upkeep = keepTidy(deps);
  }

  scan(request: ScanInput): Promise<Verdict> {
    const underWay = this.#answers.get(request.scanId);
    if (underWay !== undefined) return underWay;
    this.#deps.onAsked?.();
    let settled = false;
    const answer = new Promise<Verdict>((resolve, reject) => {
      const over = (): void => {
        settled = true;
        this.#answers.delete(request.scanId);
      };
      this.#begin(request, {
        resolve(verdict) {
          over();
          resolve(verdict);
        },
        reject(error) {
          over();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      });
    });
    if (!settled) this.#answers.set(request.scanId, answer);
    return answer;
  }

  passage(request: PassageInput) {
    return applyPassage(this.#deps, request);
  }

  annul(request: AnnulmentInput) {
    return applyAnnulment(this.#deps, request);
  }

  onMessage(from: NodeId, message: Message): void {
    if (this.#closed) return;
    try {
      this.#dispatch(from, message);
    } catch (error) {
      // A full disk gives no vote: the claimant goes on without it.
      if (!isFoyerError(error)) throw error;
      this.#deps.logger.warn('message-not-handled', { type: message.type, code: error.code });
    }
  }

  onPeerLost(_peer: NodeId): void {
    this.#claimant.onPeersChanged();
  }

  applyEvent(_origin: { node: NodeId }, event: ReceivedEvent): void {
    const admission = applyReceived(this.#deps, event);
    if (admission === null || !this.#sessions.has(admission.right.ticketId)) return;
    this.#news.push(admission);
    // Claims learn of it after the receiver's transaction, which may yet fail.
    this.#newsTimer ??= this.#deps.clock.setTimer('admission-news', 0, () => this.#tellNews());
  }

  counts() {
    return countsOf(this.#deps.ledger.counters(), this.#tally.ignored);
  }

  recovering(): boolean {
    return this.#recovery.recovering();
  }

  configEpochs(): number[] {
    return this.#recovery.configEpochs();
  }

  onHouse(): void {
    this.#recovery.look();
  }

  distrustDisk(): void {
    this.#recovery.distrust();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#upkeep.cancel();
    this.#newsTimer?.cancel();
    this.#recovery.close();
    const error = new FoyerError('queue-full', 'This gate is shutting down.');
    for (const sessions of [...this.#sessions.values()]) {
      for (const session of [...sessions]) session.cancel(error);
    }
    this.#claimant.close();
  }

  #begin(request: ScanInput, settle: Settle): void {
    try {
      const before = this.#deps.ledger.scan(request.scanId);
      if (before !== null && !(request.override && isOverridable(before))) {
        settle.resolve(before);
        return;
      }
      this.#judge(request, settle);
    } catch (error) {
      settle.reject(error);
    }
  }

  #judge(request: ScanInput, settle: Settle): void {
    const { scanId, peek, override } = request;
    const deps = this.#deps;
    const nowMs = deps.clock.nowMs();
    const judgement = judge(gatherFacts(deps, request.text, nowMs));
    if (judgement.kind === 'pass') {
      if (peek) settle.resolve(this.#look(scanId, judgement));
      else {
        const passed = { ...judgement, cursor: deps.replica.cursor() };
        this.#open({ scanId, override, passed }, settle);
      }
      return;
    }
    const parts = refusalParts(judgement);
    if (peek || parts.colour === 'ignored') {
      const verdict = makeVerdict(deps, scanId, judgement, parts);
      if (!peek) {
        this.#tally.ignore();
        this.#tell(verdict);
      }
      settle.resolve(verdict);
      return;
    }
    const verdict = commitDenial(deps, this.#tally, { scanId, subject: judgement, parts });
    this.#tell(verdict);
    settle.resolve(verdict);
  }

  #look(scanId: string, passed: Passed): Verdict {
    const { ledger } = this.#deps;
    const { ticketId } = passed;
    const admissions = ledger.admissionsOf(ticketId);
    const known = { ticketId, admissions, reversed: ledger.reversedOf(ticketId) };
    const right = lowestOpenRight(known);
    const last = lastAdmission(known);
    const { message, flags } = passed;
    const parts =
      right === null && last !== null
        ? alreadyAdmitted(this.#deps, passed, last)
        : ({ colour: 'green', reason: 'valid', message, flags } as const);
    return makeVerdict(this.#deps, scanId, passed, parts);
  }

  #open(scan: { scanId: string; override: boolean; passed: Passed }, settle: Settle): void {
    if (this.#closed || this.#answers.size >= maxScansInFlight) {
      settle.reject(new FoyerError('queue-full', 'Too many scans are being decided here.'));
      return;
    }
    const { ticketId } = scan.passed;
    const sessions = this.#sessions.get(ticketId) ?? new Set<ScanSession>();
    this.#sessions.set(ticketId, sessions);
    const over = (): void => {
      sessions.delete(session);
      if (sessions.size === 0 && this.#sessions.get(ticketId) === sessions) {
        this.#sessions.delete(ticketId);
      }
    };
    const session = new ScanSession(this.#host, {
      ...scan,
      done: (verdict) => {
        over();
        this.#tell(verdict);
        settle.resolve(verdict);
      },
      fail: (error) => {
        over();
        settle.reject(error);
      },
    });
    sessions.add(session);
    session.start();
  }

  #dispatch(from: NodeId, message: Message): void {
    switch (message.type) {
      case 'hello':
        this.#elector.onBoot(from, message.boot);
        return;
      case 'heartbeat':
        this.#elector.onBoot(from, message.boot);
        this.#recovery.onHeartbeat(from, message.configEpochs);
        return;
      case 'vote-ask':
        this.#elector.onVoteAsk(from, message);
        return;
      case 'vote':
        this.#claimant.onVote(from, message);
        return;
      case 'vote-release':
        this.#elector.onRelease(from, message.right, message.attempt);
        return;
      case 'attempt-ask':
        this.#claimant.onAttemptAsk(from, message.right, message.attempt);
        return;
      case 'recover-ask':
        this.#recovery.onRecoverAsk(from, message.after);
        return;
      case 'recover':
        this.#recovery.onRecover(from, message);
        return;
      default:
    }
  }

  #electorateOf(right: Right, passed: Passed): Electorate {
    const { replica } = this.#deps;
    const { configEpoch } = passed.show;
    const epoch = replica.configEpoch(configEpoch);
    return epoch === null ? lonelyElectorate(configEpoch) : electorate(right, epoch);
  }

  #tellNews(): void {
    this.#newsTimer = null;
    const news = this.#news;
    this.#news = [];
    for (const { right } of news) {
      const admission = this.#deps.ledger
        .admissionsOf(right.ticketId)
        .find((candidate) => candidate.right.n === right.n);
      if (admission === undefined) continue;
      this.#claimant.onAdmission(right, { gate: admission.gate, atMs: admission.atMs });
      this.#wake(right.ticketId, null);
    }
  }

  #wake(ticketId: string, but: ScanSession | null): void {
    for (const session of [...(this.#sessions.get(ticketId) ?? [])]) {
      if (session !== but) session.onNews();
    }
  }

  #tell(verdict: Verdict): void {
    this.#deps.onVerdict?.(verdict);
  }
}

function isOverridable(verdict: Verdict): boolean {
  return verdict.reason === 'claimed-elsewhere' || verdict.reason === 'strict-offline';
}

/** Admission at this node. Starts timers; `close` ends it. */
export function createAdmission(deps: AdmissionDeps): AdmissionService {
  return new Service(deps);
}
