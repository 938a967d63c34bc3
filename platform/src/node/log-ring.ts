import { pino } from 'pino';

/** Keeps the newest lines of a log in memory, beside what becomes of them otherwise. */
export class LogRing {
  readonly #maxChars: number;
  readonly #lines: string[] = [];
  #chars = 0;

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /** A destination for `pinoLogger`: stderr, with a copy kept here. */
  destination(): { write(line: string): void } {
    const stderr = pino.destination({ dest: 2, sync: true });
    return {
      write: (line) => {
        this.add(line);
        stderr.write(line);
      },
    };
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#chars += line.length;
    while (this.#chars > this.#maxChars) this.#chars -= this.#lines.shift()?.length ?? 0;
  }

  text(): string {
    return this.#lines.join('');
  }
}
