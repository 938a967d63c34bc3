import type { Plan } from '../domain/calls.ts';

/** Something to do at AWS: read what is there, planned, to be shown or to be carried out. */
export interface Task {
  readonly plan: Plan;
  /** Called with each answer that must be kept, as soon as AWS has given it. */
  answered?(name: string, value: string): void;
  /** What is left to do here once all calls were made. Returns lines for who reads. */
  finish?(): Promise<readonly string[]> | readonly string[];
}
