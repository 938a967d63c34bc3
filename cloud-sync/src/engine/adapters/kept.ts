import type { Journal } from '@foyer/platform';

/**
 * What was read of some tables, kept until this program writes there: a file has one writer.
 * While a write may yet be rolled back nothing is kept, and everything is read.
 */
export class Kept<V> {
  readonly #journal: Pick<Journal, 'commits'>;
  readonly #values = new Map<string, V>();
  #writtenAtCommits = -1;

  constructor(journal: Pick<Journal, 'commits'>) {
    this.#journal = journal;
  }

  get(name: string, read: () => V): V {
    if (this.#writtenAtCommits === this.#journal.commits) return read();
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const before = this.#writtenAtCommits;
    const value = read();
    // Reading may write what is not there yet.
    if (this.#writtenAtCommits === before) this.#values.set(name, value);
    return value;
  }

  /** What is kept under a name; undefined where it must be read. */
  known(name: string): V | undefined {
    return this.#writtenAtCommits === this.#journal.commits ? undefined : this.#values.get(name);
  }

  /** To be called before each write to those tables. */
  forget(): void {
    this.#writtenAtCommits = this.#journal.commits;
    this.#values.clear();
  }
}
