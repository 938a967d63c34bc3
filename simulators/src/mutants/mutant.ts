import { FoyerError } from '@foyer/contracts';

/** One change of a source text. */
export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** A planted bug: a change of the product that the simulation must notice. */
export interface Mutant {
  /** kebab-case; unique. */
  readonly name: string;
  /** The bug of the field that it is, in one sentence. */
  readonly why: string;
  readonly edits: readonly Edit[];
}

/** A mutant of one change. */
export function mutant(name: string, why: string, ...edits: readonly Edit[]): Mutant {
  return { name, why, edits };
}

/** Changes of one file: pairs of what is found and what takes its place. */
export function inFile(file: string, ...pairs: readonly (readonly [string, string])[]): Edit[] {
  return pairs.map(([find, replace]) => ({ file, find, replace }));
}

/**
 * The text with a mutant's edits of that file applied, in their order.
 * Throws FoyerError `config-invalid` where a text to replace does not occur exactly once.
 */
export function applyEdits(source: string, file: string, planted: Mutant): string {
  let text = source;
  for (const edit of planted.edits) {
    if (edit.file !== file) continue;
    const found = text.split(edit.find).length - 1;
    if (found !== 1) {
      throw new FoyerError(
        'config-invalid',
        `The mutant ${planted.name} no longer fits ${file}: its text occurs ${found} times.`,
        { whatToDo: `Adapt the mutant, or drop it. It looks for: ${edit.find.slice(0, 200)}` },
      );
    }
    text = text.replace(edit.find, () => edit.replace);
  }
  return text;
}

/** The files that a mutant changes, each once. */
export function filesOf(planted: Mutant): string[] {
  return [...new Set(planted.edits.map((edit) => edit.file))];
}
