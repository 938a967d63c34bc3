/** What is undone when the run ends, also when this process is ended in the midst of it. */
export class Cleanup {
  readonly #acts: { name: string; act: () => void }[] = [];
  readonly #onExit = (): void => void this.run();

  constructor() {
    process.once('exit', this.#onExit);
  }

  /** @param act synchronous; it may fail, and the others are done all the same. */
  add(name: string, act: () => void): void {
    this.#acts.push({ name, act });
  }

  /** Undoes everything, the newest first. @returns what could not be undone. Idempotent. */
  run(): string[] {
    process.off('exit', this.#onExit);
    const failures: string[] = [];
    for (let next = this.#acts.pop(); next !== undefined; next = this.#acts.pop()) {
      try {
        next.act();
      } catch (error) {
        failures.push(`${next.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failures;
  }
}
