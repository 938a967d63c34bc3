import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { homeDir } from '@foyer/platform/home';

import { laws, type Law } from '../checkers/index.ts';
import { provingTests } from './tests.ts';

/** What one command printed as its last line, and the command. */
export interface Figure {
  readonly command: string;
  readonly result: Readonly<Record<string, unknown>>;
}

export interface Figures {
  /** Machine and program versions that the figures are of. */
  readonly ranOn: string;
  readonly figures: readonly Figure[];
}

const checkersDir = 'simulators/src/checkers';

function checkerSources(): string {
  const dir = join(homeDir(), checkersDir);
  return readdirSync(dir)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(dir, file), 'utf8'))
    .join('\n');
}

/** The text of a checker's docstring: the exact conditions of its promise. */
function conditionsOf({ check }: Law, sources: string): string {
  const at = sources.indexOf(`export const ${check.name}: Checker`);
  const start = sources.lastIndexOf('/**', at);
  const comment = at < 0 ? '' : sources.slice(start + 3, sources.indexOf('*/', start));
  const text = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join(' ')
    .replace(/\s+/g, ' ')
    .replace(/^\s*G\d\. /, '')
    .trim();
  if (text === '') throw new Error(`The checker ${check.name} has no docstring.`);
  return text;
}

function section(law: Law, sources: string): string[] {
  const tests = provingTests[law.law] ?? [];
  return [
    `## ${law.law}`,
    '',
    law.promise,
    '',
    `**Exactly:** ${conditionsOf(law, sources)}`,
    '',
    `**Checked by** \`${law.check.name}\` in every simulated and every real run` +
      (tests.length === 0 ? '.' : ', and by:'),
    '',
    ...tests.map(({ file, name }) => `- \`${file}\` › ${name}`),
    ...(tests.length === 0 ? [] : ['']),
  ];
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(', ');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

function figureLines({ command, result }: Figure): string[] {
  const plain = Object.entries(result).filter(
    ([, value]) => typeof value !== 'object' || (Array.isArray(value) && value.length === 0),
  );
  return [
    `\`${command}\``,
    '',
    ...plain.map(([name, value]) => `- ${name}: ${valueText(value)}`),
    '',
  ];
}

/** The page that tells what is promised, under which conditions, and what shows it. */
export function guaranteesPage({ ranOn, figures }: Figures): string {
  const sources = checkerSources();
  return [
    '# What Foyer guarantees',
    '',
    'Each promise, its exact conditions, what checks it, and figures. `npm run guarantees` runs',
    'the commands below and writes this page anew.',
    '',
    'An *entry right* is one entry of one ticket. A green is *flagged* when it was given without',
    'two votes, on old data, or by a clock that nobody confirmed.',
    '',
    ...laws.flatMap((law) => section(law, sources)),
    '## Figures',
    '',
    `Measured on ${ranOn}.`,
    '',
    ...figures.flatMap(figureLines),
  ].join('\n');
}
