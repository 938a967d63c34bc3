import { pino, type DestinationStream, type Logger as Pino } from 'pino';

import type { LogFields, Logger } from '../logger.ts';

/** Field names whose value is replaced: a key or token in a log is a leaked one. */
const secretKey = '(api|private|show|signing|hmac)[-_]?key';
const secretName = new RegExp(
  `(secret|passw(or)?d|passphrase|token|authori[sz]ation|cookie|seed|${secretKey})$`,
  'i',
);

const redacted = '[redacted]';

function withoutSecrets(fields: LogFields | undefined): LogFields {
  if (fields === undefined) return {};
  if (!Object.keys(fields).some((name) => secretName.test(name))) return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, secretName.test(name) ? redacted : value]),
  );
}

function wrap(target: Pino): Logger {
  return {
    debug: (event, fields) => target.debug({ event, ...withoutSecrets(fields) }),
    info: (event, fields) => target.info({ event, ...withoutSecrets(fields) }),
    warn: (event, fields) => target.warn({ event, ...withoutSecrets(fields) }),
    error: (event, fields) => target.error({ event, ...withoutSecrets(fields) }),
    child: (fields) => wrap(target.child({ ...withoutSecrets(fields) })),
  };
}

export interface LoggerOptions {
  level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** The node or program whose log it is. */
  node?: string;
  /** Where the lines go; stderr when absent. */
  destination?: DestinationStream;
}

/** A logger whose level can change while it is in use; not that of its children. */
export interface LevelledLogger extends Logger {
  setLevel(level: NonNullable<LoggerOptions['level']>): void;
}

/** One JSON object a line: `level`, `timeMs`, `node`, `event`, then the fields given. */
export function pinoLogger(options: LoggerOptions = {}): LevelledLogger {
  const target = pino(
    {
      level: options.level ?? 'info',
      base: options.node === undefined ? null : { node: options.node },
      timestamp: () => `,"timeMs":${Date.now()}`,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
  return {
    ...wrap(target),
    setLevel: (level) => {
      target.level = level;
    },
  };
}

/** Drops everything. */
export function silentLogger(): Logger {
  const drop = (): void => {};
  const logger: Logger = { debug: drop, info: drop, warn: drop, error: drop, child: () => logger };
  return logger;
}
