import { emergencySchema, type Emergency } from '@foyer/contracts';
import type { Journal } from '@foyer/platform';

/** An emergency as it is kept, and when this node last knew that it is so. */
export interface KeptEmergency {
  emergency: Emergency;
  seenMs: number;
}

/** Emergencies on disk: those that are active, and for a day those that ended. */
export interface EmergencyStore {
  all(): KeptEmergency[];
  put(kept: KeptEmergency): void;
  remove(emergencyId: string): void;
}

export function openEmergencies(journal: Journal): EmergencyStore {
  const read = journal.prepare<{ body: string; seenMs: number }>(
    'SELECT body, seen_ms AS seenMs FROM signage_emergency ORDER BY emergency_id',
  );
  const write = journal.prepare('INSERT OR REPLACE INTO signage_emergency VALUES (?, ?, ?)');
  const remove = journal.prepare('DELETE FROM signage_emergency WHERE emergency_id = ?');
  return {
    all: () =>
      read.all().flatMap(({ body, seenMs }) => {
        const parsed = emergencySchema.safeParse(JSON.parse(body));
        return parsed.success ? [{ emergency: parsed.data, seenMs }] : [];
      }),
    put: ({ emergency, seenMs }) =>
      void write.run(emergency.emergencyId, JSON.stringify(emergency), Math.round(seenMs)),
    remove: (emergencyId) => void remove.run(emergencyId),
  };
}
