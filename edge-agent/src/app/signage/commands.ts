import type { Refusal } from '@foyer/cloud-sync/engine';
import {
  FoyerError,
  type FeedRow,
  type Message,
  type NodeId,
  type Role,
  type ScreenCommand,
  type ScreenCommandResult,
  type ScreenId,
} from '@foyer/contracts';
import type { Clock } from '@foyer/platform';

export interface CommandsDeps {
  node: NodeId;
  role: Role;
  clock: Clock;
  row: (screenId: ScreenId) => FeedRow<'screen'> | null;
  send: (peer: NodeId, message: Message) => boolean;
  reachable: () => readonly NodeId[];
  /** Hands a command to the player of this box. */
  publish: (command: ScreenCommand) => void;
  onRefused: (refusal: Refusal) => void;
}

/** Commands that are remembered, each for five minutes. */
const maxKept = 32;
const keptMs = 300_000;

interface Sent {
  command: ScreenCommand;
  result: ScreenCommandResult | null;
}

/** The last few entries, each for a while. */
class Recent<T> {
  readonly #entries = new Map<string, { value: T; atMs: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(id: string): T | undefined {
    this.#forget();
    return this.#entries.get(id)?.value;
  }

  add(id: string, value: T): void {
    this.#forget();
    this.#entries.set(id, { value, atMs: this.#clock.monotonicMs() });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxKept) break;
      this.#entries.delete(oldest);
    }
  }

  #forget(): void {
    const sinceMs = this.#clock.monotonicMs() - keptMs;
    for (const [id, { atMs }] of this.#entries) if (atMs < sinceMs) this.#entries.delete(id);
  }
}

/** Commands for screens: sent to the box that has them, answered to the node that asked. */
export class Commands {
  readonly #deps: CommandsDeps;
  /** Sent from this node. */
  readonly #sent: Recent<Sent>;
  /** For screens of this box: who asked. */
  readonly #asked: Recent<{ asker: NodeId; command: ScreenCommand }>;

  constructor(deps: CommandsDeps) {
    this.#deps = deps;
    this.#sent = new Recent(deps.clock);
    this.#asked = new Recent(deps.clock);
  }

  /**
   * Sends a command to the box of its screen; again the same where it was sent already. Throws
   * FoyerError `not-found` for an unknown screen, `link-down` when its box does not answer,
   * `identity-refused` when the box of another screen asks.
   */
  send(request: Omit<ScreenCommand, 'atMs'>): ScreenCommand {
    const known = this.#sent.get(request.commandId);
    if (known !== undefined) return known.command;
    const { node, role, clock, row, reachable, send } = this.#deps;
    const box = row(request.screenId)?.nodeId;
    if (box === undefined) {
      throw new FoyerError('not-found', `This theatre has no screen ${request.screenId}.`);
    }
    const command = { ...request, atMs: Math.round(clock.nowMs()) };
    if (box === node) {
      this.#sent.add(command.commandId, { command, result: null });
      this.#carryOut(node, command);
      return command;
    }
    if (role === 'screen') {
      throw new FoyerError('identity-refused', `A box commands its own screens only.`, {
        whatToDo: 'Send the command from a gate or the theatre agent.',
      });
    }
    const message = { ...command, type: 'screen-command' } as const;
    if (!reachable().includes(box) || !send(box, message)) {
      throw new FoyerError(
        'link-down',
        `${box}, the box of ${request.screenId}, does not answer.`,
        {
          whatToDo: `Look whether ${box} has power and network, then send the command again.`,
        },
      );
    }
    this.#sent.add(command.commandId, { command, result: null });
    return command;
  }

  /** Throws FoyerError `not-found` for one that was not sent from here in the last 5 minutes. */
  state(commandId: string): Sent {
    const sent = this.#sent.get(commandId);
    if (sent !== undefined) return sent;
    throw new FoyerError('not-found', 'No such command was sent from this node lately.');
  }

  /**
   * The answer of a screen of this box. Throws FoyerError `not-found` for a command that nobody
   * gave, `link-down` when who gave it does not answer.
   */
  answer(result: ScreenCommandResult): { atMs: number } {
    const { node, send, clock } = this.#deps;
    const asked = this.#asked.get(result.commandId);
    if (asked?.command.screenId !== result.screenId) {
      throw new FoyerError('not-found', 'Nobody gave this screen such a command lately.');
    }
    if (asked.asker === node) this.#settle(result);
    else if (!send(asked.asker, { ...result, type: 'screen-command-result' })) {
      throw new FoyerError('link-down', `${asked.asker} does not answer.`);
    }
    return { atMs: Math.round(clock.nowMs()) };
  }

  onMessage(from: NodeId, message: Message): void {
    if (message.type === 'screen-command') {
      const { type, ...command } = message;
      if (this.#deps.row(command.screenId)?.nodeId === this.#deps.node) {
        this.#carryOut(from, command);
      } else this.#deps.onRefused({ reason: 'not-asked', type, peer: from });
    } else if (message.type === 'screen-command-result') {
      const { type, ...result } = message;
      const box = this.#deps.row(result.screenId)?.nodeId;
      if (box === from && this.#settle(result)) return;
      this.#deps.onRefused({ reason: 'not-asked', type, peer: from });
    }
  }

  #carryOut(asker: NodeId, command: ScreenCommand): void {
    if (this.#asked.get(command.commandId) !== undefined) return;
    this.#asked.add(command.commandId, { asker, command });
    this.#deps.publish(command);
  }

  #settle(result: ScreenCommandResult): boolean {
    const sent = this.#sent.get(result.commandId);
    if (sent?.command.screenId !== result.screenId) return false;
    sent.result ??= result;
    return true;
  }
}
