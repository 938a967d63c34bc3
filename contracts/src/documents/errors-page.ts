import { errorCatalogue, httpStatusOfCode, type ErrorCode } from '../errors.ts';

/** docs/errors.md: every code, what to do, and the HTTP status it is answered with. */
export function errorsPage(): string {
  const codes = (Object.keys(errorCatalogue) as ErrorCode[]).toSorted();
  const rows = codes.map(
    (code) => `| \`${code}\` | ${errorCatalogue[code]} | ${httpStatusOfCode[code]} |`,
  );
  return [
    '# Errors',
    '',
    'A refused request gets `{"code","message","whatToDo"}`; logs carry the same codes.',
    'A code never changes its meaning. This page is generated: `npm run contracts`.',
    '',
    '| Code | What to do | HTTP status |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
