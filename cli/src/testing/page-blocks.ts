/** A fenced block of a page. */
export interface Block {
  /** The words after the fence: `sh`, `text`, `json`, `sh catalogue`. */
  readonly kind: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown page, in order. */
export function pageBlocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(.+)\n([\s\S]*?)\n```$/gm)].map(([, kind, text]) => ({
    kind: kind ?? '',
    text: text ?? '',
  }));
}

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/**
 * True when `seen` holds the lines of `shown`, one after the other. In `shown`, `...` stands for
 * anything within its line, and alone on a line for any lines.
 */
export function saysAs(shown: string, seen: string): boolean {
  const pattern = shown
    .split('\n')
    .map((line) =>
      line === '...' ? String.raw`[\s\S]*?` : `${line.split('...').map(quoted).join('.*')}\n`,
    )
    .join('');
  return new RegExp(`(^|\n)${pattern}`).test(seen);
}
