/** Where a command's words go: progress to stderr, its result to stdout. */
export interface Output {
  /** True when the command was given `--json`: the last line of stdout is one JSON object. */
  readonly json: boolean;
  /** A line for the person who waits. Goes to stderr. */
  progress(line: string): void;
  /** A line of the result itself. Goes to stdout. */
  line(text: string): void;
  /** One JSON object on a line of its own. Goes to stdout. */
  object(value: object): void;
  /**
   * The command's summary, said last: the JSON object with `--json`, else the readable text.
   * @param text says the same for people; without it the object's fields are listed.
   */
  result(value: object, text?: string): void;
}

/** Streams that an Output writes to; the process's own unless a test gives others. */
export interface OutputStreams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const listFields = (value: object): string =>
  Object.entries(value)
    .map(([name, field]) => `${name}: ${typeof field === 'object' ? JSON.stringify(field) : field}`)
    .join('\n');

/** The output of one command. `options` are commander's parsed options. */
export function createOutput(
  options: { readonly json?: boolean | undefined },
  streams: OutputStreams = process,
): Output {
  const json = options.json === true;
  const line = (text: string): void => {
    streams.stdout.write(`${text}\n`);
  };
  return {
    json,
    line,
    progress: (text) => {
      streams.stderr.write(`${text}\n`);
    },
    object: (value) => line(JSON.stringify(value)),
    result: (value, text) => line(json ? JSON.stringify(value) : (text ?? listFields(value))),
  };
}
