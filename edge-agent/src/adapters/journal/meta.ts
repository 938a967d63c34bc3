import type { Journal, Migration } from '@foyer/platform';

/** A few values of the agent itself, by name. */
export const metaMigrations: readonly Migration[] = [
  'CREATE TABLE agent_meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;',
];

/** Numbers that the agent keeps across starts. */
export interface MetaStore {
  number(name: string): number | null;
  put(name: string, value: number): void;
}

export function openMeta(journal: Journal): MetaStore {
  const read = journal.prepare<{ value: number }>('SELECT value FROM agent_meta WHERE name = ?');
  const write = journal.prepare(
    'INSERT INTO agent_meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    number: (name) => read.get(name)?.value ?? null,
    put: (name, value) => void write.run(name, value),
  };
}
