import { isFoyerError, type Ack, type Message, type Push } from '@foyer/contracts';
import { decodeFrame } from '@foyer/cloud-sync/engine';
import type { LogFields, Logger } from '@foyer/platform';

/** Writes what happened, line by line; null when nobody reads it. */
export type Trace = ((who: string, what: string) => void) | null;

/** Virtual seconds, right-aligned: `   12.345`. */
export function stamp(runMs: number): string {
  return (runMs / 1000).toFixed(3).padStart(10);
}

const short = (text: string): string => (text.length > 8 ? `${text.slice(0, 8)}…` : text);

const laneOf = ({ node, incarnation, lane }: Push | Ack): string =>
  `${node}/${short(incarnation)} ${lane}`;

/** A message in a few words, or null for those that only say that somebody is alive. */
export function describeMessage(message: Message): string | null {
  const lane = 'lane' in message ? laneOf(message) : '';
  switch (message.type) {
    case 'heartbeat':
    case 'live-state':
      return null;
    case 'push':
      return `push ${lane} ${message.since}+${message.events.length}`;
    case 'ack':
      return (
        `ack ${lane} to ${message.lastSeq}, durable ${message.durableSeq}` +
        (message.forked ? ', forked' : '')
      );
    case 'pull':
      return `pull ${message.feed} ${short(message.epoch ?? 'none')} since ${message.since}`;
    case 'chunk':
      return (
        `chunk ${message.feed} ${short(message.epoch)} ` +
        `${message.since}..${message.next} of ${message.head}`
      );
    case 'hint':
      return `hint ${message.feed} ${short(message.epoch)} head ${message.head}`;
    case 'vote-ask':
    case 'vote':
    case 'vote-release':
    case 'attempt-ask':
      return JSON.stringify(message).slice(0, 160);
    default:
      return message.type;
  }
}

/** What a payload says; bytes that are no frame are named by their length. */
export function describePayload(payload: Uint8Array): string | null {
  try {
    return describeMessage(decodeFrame(payload));
  } catch (error) {
    if (isFoyerError(error)) return `${payload.byteLength} bytes (${error.code})`;
    throw error;
  }
}

/** What a program says of itself that is a fault in it, whatever the world does to it. */
const ownFaults: ReadonlySet<string> = new Set(['payload-too-large']);

/**
 * A program's log as lines of the trace, from `info` on.
 * @param onFault is told of what the program itself did wrong
 */
export function traceLogger(trace: Trace, who: string, onFault: (what: string) => void): Logger {
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}): void => {
      const text = Object.keys(fields).length === 0 ? event : `${event} ${JSON.stringify(fields)}`;
      trace?.(who, `${level} ${text}`);
      if (ownFaults.has(event)) onFault(text);
    };
  const logger: Logger = {
    debug: () => {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  return logger;
}
