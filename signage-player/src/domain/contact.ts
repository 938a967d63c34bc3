/** What a contact is taken to be, and what its last readings say. */
export interface ContactState {
  readonly closed: boolean;
  /** Readings in a row that say otherwise. */
  readonly against: number;
}

/** Readings in a row that it takes: three of 100 ms each, longer than a relay bounces. */
const readingsToBelieve = 3;

/**
 * Takes one reading. What cannot be read changes nothing: a wire that fell off must neither clear
 * a building nor end an alarm.
 */
export function readContact(before: ContactState, reading: boolean | null): ContactState {
  if (reading === null || reading === before.closed) return { closed: before.closed, against: 0 };
  const against = before.against + 1;
  return against >= readingsToBelieve
    ? { closed: reading, against: 0 }
    : { closed: before.closed, against };
}

/** The reading of a file's text: "1" or "0"; anything else says nothing. */
export function contactReading(text: string | null, activeLow: boolean): boolean | null {
  const value = text?.trim();
  if (value !== '0' && value !== '1') return null;
  return (value === '1') !== activeLow;
}
