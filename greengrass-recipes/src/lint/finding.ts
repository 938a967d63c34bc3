/** What is wrong at one place of a recipe. */
export interface Problem {
  /** Where in the recipe: `$.Manifests[0].Platform.runtime`. */
  readonly path: string;
  /** What a nucleus does about it. */
  readonly problem: string;
  readonly whatToDo: string;
}

/** A problem, the rule that found it, and the recipe's file. */
export interface Finding extends Problem {
  readonly file: string;
  /** The rule's stable name. */
  readonly rule: string;
}

/** `$.Manifests[0]["a.b"]` from `['Manifests', 0, 'a.b']`. */
export function jsonPath(parts: readonly PropertyKey[]): string {
  const steps = parts.map((part) => {
    if (typeof part === 'number') return `[${part}]`;
    const name = String(part);
    return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  });
  return `$${steps.join('')}`;
}
