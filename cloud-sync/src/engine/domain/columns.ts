import {
  columnSeparator,
  FoyerError,
  isNestedDeeper,
  maxNesting,
  type Column,
} from '@foyer/contracts';

/** What JSON writes with an escape, and lone halves of surrogate pairs, which it escapes too. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/;
// eslint-disable-next-line no-control-regex -- likewise, but for the separator
const escapedJoined = /["\\\u0000-\u0009\u000b-\u001f\ud800-\udfff]/;
const wholeNumbers = /^(?:0|-?[1-9]\d*)(?:\n(?:0|-?[1-9]\d*))*$/;

function isPlain(value: unknown): value is string {
  return typeof value === 'string' && !escaped.test(value);
}

/** Packs the values of one column; every coding gives back the same JSON texts. */
export function packColumn(values: readonly unknown[]): Column {
  const first = values[0];
  if (isPlain(first)) {
    const same = values.every((value) => value === first);
    if (same) return { coding: 'same', text: JSON.stringify(first) };
    if (values.every(isPlain)) return { coding: 'text', text: values.join(columnSeparator) };
  }
  if (values.every((value) => Number.isSafeInteger(value) && !Object.is(value, -0))) {
    const same = values.every((value) => value === first);
    if (same) return { coding: 'same', text: String(first) };
    return { coding: 'int', text: values.join(columnSeparator) };
  }
  const texts = values.map((value) => JSON.stringify(value));
  if (texts.every((text) => text === texts[0])) return { coding: 'same', text: texts[0] ?? 'null' };
  return { coding: 'json', text: texts.join(columnSeparator) };
}

/** A column taken apart: each row's JSON text, and its plain text where it has one. */
export interface UnpackedColumn {
  /** What stands before and after a piece in JSON: a quotation mark, or nothing. */
  quote: '"' | '';
  pieces: readonly string[];
}

function refuse(what: string): never {
  throw new FoyerError('unparsable', `A block of rows is damaged: ${what}.`);
}

function assertJson(text: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse('a value is not JSON');
  }
  // It is walked again when it is packed for the next node.
  if (isNestedDeeper(value, maxNesting)) refuse('a value nests too deeply');
}

/** Throws FoyerError `unparsable` where the column does not hold `rows` sound values. */
export function unpackColumn(column: Column, rows: number): UnpackedColumn {
  if (column.coding === 'same') {
    assertJson(column.text);
    return { quote: '', pieces: Array.from({ length: rows }, () => column.text) };
  }
  const pieces = column.text.split(columnSeparator);
  if (pieces.length !== rows) refuse('a column has another number of rows');
  if (column.coding === 'text') {
    if (escapedJoined.test(column.text)) refuse('a plain text is not plain');
    return { quote: '"', pieces };
  }
  if (column.coding === 'int') {
    if (!wholeNumbers.test(column.text)) refuse('a whole number is not one');
    return { quote: '', pieces };
  }
  for (const piece of pieces) assertJson(piece);
  return { quote: '', pieces };
}

/** Each row's value as a key: a string itself, a number in decimal. */
export function plainTexts(column: Column, rows: number): readonly string[] {
  const unpacked = unpackColumn(column, rows);
  if (column.coding === 'text' || column.coding === 'int') return unpacked.pieces;
  const texts = unpacked.pieces.map((piece): unknown => JSON.parse(piece));
  return texts.map((text) => {
    if (typeof text === 'string' || typeof text === 'number') return String(text);
    return refuse('a key is neither text nor number');
  });
}
