import type { LogFields, Logger } from '../logger.ts';

export interface LogRecord {
  level: 'debug' | 'info' | 'warn' | 'error';
  event: string;
  fields: LogFields;
}

export interface SimLogger extends Logger {
  /** What was logged, its children's lines included; the oldest go first beyond the bound. */
  readonly records: readonly LogRecord[];
  /** The records of one event. */
  of(event: string): LogRecord[];
}

/** A logger that remembers, at most `maxRecords` lines. */
export function simLogger(maxRecords = 10_000): SimLogger {
  const records: LogRecord[] = [];
  const make = (base: LogFields): Logger => {
    const add =
      (level: LogRecord['level']) =>
      (event: string, fields?: LogFields): void => {
        if (records.length >= maxRecords) records.shift();
        records.push({ level, event, fields: { ...base, ...fields } });
      };
    return {
      debug: add('debug'),
      info: add('info'),
      warn: add('warn'),
      error: add('error'),
      child: (fields) => make({ ...base, ...fields }),
    };
  };
  return {
    ...make({}),
    records,
    of: (event) => records.filter((record) => record.event === event),
  };
}
