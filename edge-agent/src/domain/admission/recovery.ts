import { rightKey, type MessageOf, type NodeId } from '@foyer/contracts';
import type { Timer } from '@foyer/platform';
import { attemptLifeMs } from './claim.ts';
import type { AdmissionDeps } from './ports.ts';

/**
 * A start waits so long before it pulls: by then every attempt that counts on a vote of this
 * node's former disk is over, so what the others hold is all there is.
 */
export const recoverDelayMs = attemptLifeMs + 100;
/** How often a recovering node asks for what is missing. */
const askEveryMs = 200;
const votesPerPage = 500;
const maxPeers = 256;
const epochsAcknowledged = 16;

interface Pull {
  /** Its mark is echoed, so that a late page of an earlier pull is not taken for one of this. */
  after: string;
  done: boolean;
  /** Epochs that the peer had acknowledged when this pull began. */
  covers: ReadonlySet<number>;
}

export type RecoveryDeps = Pick<
  AdmissionDeps,
  'self' | 'ledger' | 'replica' | 'mesh' | 'clock' | 'random' | 'logger' | 'onRefused'
>;

/** `mark:key`, the place in a pull; the answerer needs the key only. */
function placeOf(after: string): { mark: string; key: string } {
  const colon = after.indexOf(':');
  return { mark: after.slice(0, colon + 1), key: after.slice(colon + 1) };
}

/**
 * Decides in which config epochs this node votes. A node whose disk is new, or that an epoch is
 * new to, first pulls the votes of every other node of all epochs, each from when that node had
 * acknowledged the epoch (it then gives no votes of older ones), or until it is declared dead.
 */
export class Recovery {
  readonly #deps: RecoveryDeps;
  readonly #recovered: Set<number>;
  readonly #acknowledged = new Map<NodeId, readonly number[]>();
  readonly #pulls = new Map<NodeId, Pull>();
  #startsAtMs: number;
  #timer: Timer | null = null;
  #closed = false;

  constructor(deps: RecoveryDeps) {
    this.#deps = deps;
    this.#recovered = new Set(deps.ledger.recoveredEpochs());
    this.#startsAtMs = deps.clock.monotonicMs() + recoverDelayMs;
    this.#arm(0);
  }

  votesIn(configEpoch: number): boolean {
    return this.#recovered.has(configEpoch);
  }

  recovering(): boolean {
    return this.#missing().length > 0;
  }

  configEpochs(): number[] {
    const numbers = this.#deps.replica.configEpochs().map((epoch) => epoch.configEpoch);
    return numbers.toSorted((one, other) => other - one).slice(0, epochsAcknowledged);
  }

  /** Forgets that this disk was whole: it votes again when it has pulled everything. */
  distrust(): void {
    const { ledger, clock, self } = this.#deps;
    ledger.transaction(() => {
      ledger.forgetRecoveredEpochs();
      // An attempt of then may have admitted somebody without a trace on this disk: the votes for
      // it are not this node's to release any more.
      ledger.forgetBootsBefore(self.boot);
    });
    this.#recovered.clear();
    this.#pulls.clear();
    this.#startsAtMs = clock.monotonicMs() + recoverDelayMs;
    this.look();
  }

  onHeartbeat(from: NodeId, configEpochs: readonly number[]): void {
    if (this.#acknowledged.size >= maxPeers) this.#acknowledged.clear();
    this.#acknowledged.set(from, configEpochs);
  }

  onRecoverAsk(from: NodeId, after: string): void {
    const { mark, key } = placeOf(after);
    const votes = this.#deps.ledger.votesAfter(key, votesPerPage);
    const last = votes.length < votesPerPage ? undefined : votes.at(-1);
    this.#deps.mesh.send(from, {
      type: 'recover',
      after,
      nextAfter: last === undefined ? null : mark + rightKey(last.right),
      votes,
    });
  }

  onRecover(from: NodeId, page: MessageOf<'recover'>): void {
    const pull = this.#pulls.get(from);
    if (pull === undefined || pull.done || pull.after !== page.after) {
      this.#deps.onRefused?.(from, 'recover', 'not-asked');
      return;
    }
    const { ledger } = this.#deps;
    if (page.votes.length > 0) {
      ledger.transaction(() => {
        for (const vote of page.votes) ledger.importVote(vote);
      });
    }
    if (page.nextAfter === null) {
      this.#pulls.set(from, { ...pull, done: true });
      this.#settle();
      return;
    }
    this.#pulls.set(from, { ...pull, after: page.nextAfter });
    this.#deps.mesh.send(from, { type: 'recover-ask', after: page.nextAfter });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  /** The list of epochs changed, or what this disk is trusted with. */
  look(): void {
    if (this.#timer === null && !this.#closed) this.#arm(0);
  }

  #arm(delayMs: number): void {
    this.#timer = this.#deps.clock.setTimer('recover', delayMs, () => this.#tick());
  }

  #tick(): void {
    this.#timer = null;
    const missing = this.#missing();
    const early = this.#deps.clock.monotonicMs() < this.#startsAtMs;
    if (missing.length > 0 && !early) {
      try {
        this.#pull(missing);
        this.#settle();
      } catch (error) {
        // A full disk is met, and told, by the next scan; this is tried again.
        this.#deps.logger.warn('recovery-failed', { error: String(error) });
      }
    }
    if (missing.length > 0) this.#arm(askEveryMs);
  }

  /** Epochs that this node belongs to and does not vote in yet. */
  #missing(): number[] {
    const { replica, self } = this.#deps;
    return replica
      .configEpochs()
      .filter((epoch) => epoch.admissionNodes.includes(self.node))
      .map((epoch) => epoch.configEpoch)
      .filter((number) => !this.#recovered.has(number));
  }

  /** Every other node that may hold votes: all lists, less those that an operator wrote off. */
  #holders(): NodeId[] {
    const { replica, self } = this.#deps;
    const nodes = new Set(replica.configEpochs().flatMap((epoch) => epoch.admissionNodes));
    nodes.delete(self.node);
    return [...nodes].filter((node) => (replica.node(node)?.status ?? 'active') === 'active');
  }

  #pull(missing: readonly number[]): void {
    const reachable = new Set(this.#deps.mesh.reachable());
    for (const node of this.#holders()) {
      if (!reachable.has(node)) continue;
      const known = this.#pulls.get(node);
      const sealed = this.#acknowledged.get(node) ?? [];
      const more = missing.some((number) => sealed.includes(number) && !known?.covers.has(number));
      if (known === undefined || more) {
        if (!missing.some((number) => sealed.includes(number))) continue;
        const after = `${this.#deps.random.uuid().slice(0, 8)}:`;
        this.#pulls.set(node, { after, done: false, covers: new Set(sealed) });
      }
      const pull = this.#pulls.get(node);
      if (pull !== undefined && !pull.done) {
        this.#deps.mesh.send(node, { type: 'recover-ask', after: pull.after });
      }
    }
  }

  #settle(): void {
    const holders = this.#holders();
    const whole = this.#missing().filter((number) =>
      holders.every((node) => {
        const pull = this.#pulls.get(node);
        return pull !== undefined && pull.done && pull.covers.has(number);
      }),
    );
    if (whole.length === 0) return;
    const { ledger, logger } = this.#deps;
    ledger.transaction(() => {
      for (const number of whole) ledger.addRecoveredEpoch(number);
    });
    for (const number of whole) {
      this.#recovered.add(number);
      logger.info('votes-in-epoch', { configEpoch: number });
    }
  }
}
