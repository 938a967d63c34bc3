import { FoyerError } from '@foyer/contracts';

import { boxIds, playerOf } from '../world/index.ts';

/** What can break depends on how many there are. */
interface House {
  readonly gates: number;
  readonly boxes: number;
  /** Whether the boxes have a Greengrass nucleus each. */
  readonly greengrass?: boolean;
}

/** What a fault hits: a process that is killed, or a link that is cut. */
export type FaultTarget =
  | { readonly kind: 'kill'; readonly program: string }
  | { readonly kind: 'cut'; readonly link: string }
  /** The nucleus of every box ends, and starts again when it is mended. */
  | { readonly kind: 'nucleus' };

/** One fault and when it is on, milliseconds since the load began. */
export interface Fault {
  /** As it was written: `wan`, `gate-2`, `lan:gate-2`. */
  readonly name: string;
  readonly target: FaultTarget;
  readonly startMs: number;
  readonly endMs: number;
}

/** A step of a run: begin a fault, or mend it. */
export interface FaultStep {
  readonly atMs: number;
  readonly begin: boolean;
  readonly fault: Fault;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of "90s", "1.5m", "500ms", "2h".
 * @throws FoyerError `bad-request` for anything else.
 */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = unitMs[match?.[2] ?? ''];
  if (match === null || unit === undefined) {
    throw new FoyerError('bad-request', `"${text}" is not a duration.`, {
      whatToDo: 'Write a number and a unit: 500ms, 60s, 5m or 1h.',
    });
  }
  return Math.round(Number(match[1]) * unit);
}

/** Everything that can be killed or cut in a theatre of so many gates and boxes. */
export function faultNames(gates: number, boxes: number, greengrass = false): string[] {
  const ids = Array.from({ length: gates }, (_, index) => `gate-${index + 1}`);
  return [
    ...['wan', 'theatre', 'broker', 'cloud', ...(greengrass ? ['nucleus'] : [])],
    ...ids,
    ...boxIds(boxes).flatMap((box) => [box, playerOf(box)]),
    'lan:theatre',
    ...[...ids, ...boxIds(boxes)].map((id) => `lan:${id}`),
  ];
}

/** The target that a fault's name stands for. */
export function targetOf(name: string): FaultTarget {
  if (name === 'nucleus') return { kind: 'nucleus' };
  return name === 'wan' || name.startsWith('lan:')
    ? { kind: 'cut', link: name }
    : { kind: 'kill', program: name };
}

/**
 * Reads `NAME@START..END`, as in `wan@10s..40s` or `lan:gate-2@5s..25s`.
 * @throws FoyerError `bad-request` that says what to write instead.
 */
export function parseFault(text: string, house: House): Fault {
  const match = /^([a-z0-9:-]+)@([^.]+(?:\.\d+[a-z]+)?)\.\.(.+)$/.exec(text);
  if (match === null) {
    throw new FoyerError('bad-request', `"${text}" is not a fault.`, {
      whatToDo: 'Write NAME@START..END, for example wan@10s..40s.',
    });
  }
  const [, name = '', start = '', end = ''] = match;
  const names = faultNames(house.gates, house.boxes, house.greengrass);
  if (!names.includes(name)) {
    throw new FoyerError('bad-request', `There is no "${name}" to break in this theatre.`, {
      whatToDo: `Name one of ${names.join(', ')}.`,
    });
  }
  const fault = {
    name,
    target: targetOf(name),
    startMs: parseDuration(start),
    endMs: parseDuration(end),
  };
  if (fault.endMs <= fault.startMs) {
    throw new FoyerError('bad-request', `The fault "${text}" ends before it starts.`, {
      whatToDo: 'Give the later time second: wan@10s..40s.',
    });
  }
  return fault;
}

/**
 * Reads a run's faults and checks them together.
 * @param loadMs time under load, or undefined for a run without an end.
 * @throws FoyerError `bad-request` when one cannot happen or two of one name overlap.
 */
export function parseFaults(texts: readonly string[], house: House, loadMs?: number): Fault[] {
  const faults = texts
    .map((text) => parseFault(text, house))
    .toSorted((a, b) => a.startMs - b.startMs);
  for (const [index, fault] of faults.entries()) {
    if (loadMs !== undefined && fault.startMs >= loadMs) {
      throw new FoyerError('bad-request', `"${fault.name}" would break after the run has ended.`, {
        whatToDo: `Start it before ${loadMs / 1000}s, or give a longer --for.`,
      });
    }
    const later = faults.slice(index + 1).find((other) => other.name === fault.name);
    if (later !== undefined && later.startMs < fault.endMs) {
      throw new FoyerError('bad-request', `Two faults of "${fault.name}" overlap.`, {
        whatToDo: 'Let the first end before the second starts, or write one that lasts longer.',
      });
    }
  }
  return faults;
}

/** The steps of all faults in order of time; of two at once, the mending goes first. */
export function faultSteps(faults: readonly Fault[]): FaultStep[] {
  return faults
    .flatMap((fault) => [
      { atMs: fault.startMs, begin: true, fault },
      { atMs: fault.endMs, begin: false, fault },
    ])
    .toSorted((a, b) => a.atMs - b.atMs || Number(a.begin) - Number(b.begin));
}
