import type { SimRandom } from '@foyer/platform/sim';

import type { MutationSource, Shape } from '../target.ts';
import { changeBytes } from './bytes.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A value and where it stands. */
interface Place {
  holder: Json[] | { [key: string]: Json };
  key: string;
  value: Json;
}

const maxPlaces = 2000;
const maxDepth = 60;

const numbers = [
  0,
  -1,
  1,
  0.5,
  -0,
  1e-7,
  2 ** 31,
  2 ** 32,
  2 ** 48,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  1e21,
  1e308,
  -2147483649,
  65_535,
  65_536,
  8.64e15,
  8_640_000_000_000_001,
  -62_135_596_800_001,
  4095,
  255,
];
const texts = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u{10ffff}',
  '\n',
  '"',
  '\\',
  "'; DROP TABLE",
  '%',
  '%00',
  '../..',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  '-0',
  '1e400',
  'null',
  'a'.repeat(200),
  '\u202e',
  'İ'.repeat(30),
  '😀'.repeat(40),
  '2026-02-30T25:61:61Z',
  'Europe/Nowhere',
  'XXX',
  '00000000-0000-0000-0000-000000000000',
];

function isTree(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

/** Every place of a tree; too deep or too many ones are left out. */
function placesOf(root: Json): Place[] {
  const places: Place[] = [];
  const open: { tree: Json; depth: number }[] = [{ tree: root, depth: 0 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (!isTree(at.tree) || at.depth > maxDepth) continue;
    for (const key of Object.keys(at.tree)) {
      if (places.length >= maxPlaces) return places;
      const value = (at.tree as { [key: string]: Json })[key] ?? null;
      places.push({ holder: at.tree, key, value });
      open.push({ tree: value, depth: at.depth + 1 });
    }
  }
  return places;
}

function set({ holder, key }: Place, value: Json): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function parse(input: Uint8Array): Json | undefined {
  try {
    return JSON.parse(Buffer.from(input).toString('utf8')) as Json;
  } catch {
    return undefined;
  }
}

/** A value that the same key has in another input, or any value of it. */
function borrowed(key: string, source: MutationSource, read: typeof parse): Json {
  const donor = read(source.other());
  if (donor === undefined || !isTree(donor)) return source.random.pick(numbers);
  const places = placesOf(donor);
  if (places.length === 0) return {};
  const same = places.filter((place) => place.key === key);
  return source.random.pick(same.length > 0 && source.random.chance(0.8) ? same : places).value;
}

function nearby(value: Json, source: MutationSource): Json {
  const { random, words } = source;
  if (typeof value === 'number') {
    const steps = [1, -1, 0.5, value, -value, 1000, 2 ** 32];
    return random.chance(0.6) ? value + random.pick(steps) : random.pick(numbers);
  }
  if (typeof value === 'string') {
    const kind = random.int(4);
    if (kind === 0) return random.pick(texts);
    if (kind === 1 && words.length > 0) return random.pick(words);
    if (kind === 2) return value + random.pick(texts);
    return Buffer.from(changeBytes(Buffer.from(value), source)).toString('utf8');
  }
  if (typeof value === 'boolean') return !value;
  return random.pick<Json>([null, true, 0, '', [], {}, ...numbers.slice(0, 4), ...texts]);
}

function lengthened(value: Json[], random: SimRandom): Json[] {
  const item = value.length === 0 ? 0 : random.pick(value);
  const times = random.chance(0.05) ? random.int(3000) : random.int(12);
  return [...value, ...Array.from({ length: times }, () => item)];
}

function changeTree(place: Place, source: MutationSource, read: typeof parse): void {
  const { random, words } = source;
  const { value, holder } = place;
  switch (random.int(9)) {
    case 0:
      remove(place);
      return;
    case 1:
    case 2:
      set(place, borrowed(place.key, source, read));
      return;
    case 3:
      if (Array.isArray(value)) set(place, lengthened(value, random));
      else set(place, nearby(value, source));
      return;
    case 4: {
      const key = random.pick([...texts, ...words]);
      if (!Array.isArray(holder)) set({ holder, key, value }, value);
      else holder.splice(Number(place.key), 0, value);
      return;
    }
    default:
      set(place, nearby(value, source));
  }
}

/** Stands for a value that is written as text, because no tree could be so deep. */
const nestMark = '\u0001nest\u0001';

/** `[[[...]]]` or `{"a":{"a":...}}`. */
function nested(random: SimRandom, roomBytes: number): string {
  const [open, close] = random.chance(0.5) ? ['[', ']'] : ['{"a":', '}'];
  const most = Math.max(1, Math.floor(roomBytes / (open.length + close.length)));
  const depth = random.int(random.chance(0.5) ? 100 : most);
  return `${open.repeat(depth)}0${close.repeat(depth)}`;
}

/** One change of a JSON text as a tree; null where it is no tree, or too deep to be written. */
export function changeJson(input: Uint8Array, source: MutationSource): Uint8Array | null {
  const root = parse(input);
  if (root === undefined || !isTree(root)) return null;
  const holder: { [key: string]: Json } = { root };
  const places = placesOf(root);
  const place = places.length === 0 ? { holder, key: 'root', value: root } : null;
  const nests = source.random.chance(0.03);
  const chosen = place ?? source.random.pick(places);
  if (nests) set(chosen, nestMark);
  else changeTree(chosen, source, parse);
  try {
    const text = JSON.stringify(holder['root']);
    if (!nests) return Buffer.from(text);
    const deep = nested(source.random, 15_000 - Math.min(14_000, text.length));
    return Buffer.from(text.replace(JSON.stringify(nestMark), () => deep));
  } catch {
    return null;
  }
}

/** JSON texts: mostly changed as trees, now and then as bytes. */
export const jsonShape: Shape = {
  mutate(input, source) {
    const tree = source.random.chance(0.85) ? changeJson(input, source) : null;
    return tree ?? changeBytes(input, source);
  },
};
