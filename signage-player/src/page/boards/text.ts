import type { BoardData } from '@foyer/contracts';

type Data = BoardData['data'];
type Json = Data[string];

/** A text that an item carries; "" where it carries none. */
export function textOf(data: Data, key: string): string {
  const value = data[key];
  return typeof value === 'string' ? value : '';
}

const isRecord = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list of records that an item carries; whatever else is in it is left out. */
export function recordsOf(data: Data, key: string): Record<string, Json>[] {
  const value = data[key];
  return Array.isArray(value) ? value.filter((entry) => isRecord(entry)) : [];
}

export function recordOf(data: Data, key: string): Record<string, Json> {
  const value = data[key];
  return isRecord(value) ? value : {};
}

/** "gate-2" as people say it: "Gate 2". */
export function gateName(gate: string): string {
  const words = gate.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "1 seat", "8 seats". */
export const counted = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;
