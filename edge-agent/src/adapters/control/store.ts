import type { Journal, Migration } from '@foyer/platform';
import { jobRecordSchema, type JobRecord } from '../../domain/control/jobs.ts';
import { gateModes, type GateMode } from '../../domain/control/shadow.ts';

/** What an operator set at this node, and the last job that it began. */
export const controlMigrations: readonly Migration[] = [
  'CREATE TABLE agent_control (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;',
];

export interface ControlStore {
  mode(): GateMode;
  setMode(mode: GateMode): void;
  /** Null before the first job. */
  job(): JobRecord | null;
  keepJob(record: JobRecord): void;
}

export function openControl(journal: Journal): ControlStore {
  const read = journal.prepare<{ value: string }>('SELECT value FROM agent_control WHERE name = ?');
  const write = journal.prepare(
    'INSERT INTO agent_control VALUES (?, ?) ' +
      'ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const found = read.get('mode')?.value;
  let mode: GateMode = gateModes.find((one) => one === found) ?? 'open';
  return {
    mode: () => mode,
    setMode(next) {
      write.run('mode', next);
      mode = next;
    },
    job() {
      const text = read.get('job')?.value;
      if (text === undefined) return null;
      const parsed = jobRecordSchema.safeParse(JSON.parse(text));
      return parsed.success ? parsed.data : null;
    },
    keepJob: (record) => void write.run('job', JSON.stringify(record)),
  };
}
