import type { MutationSource, Shape } from '../target.ts';
import { changeBytes } from './bytes.ts';
import { changeJson } from './json.ts';

const headEnd = '\r\n\r\n';

/** A request as bytes; the length of the body is told. */
export function requestOf(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Uint8Array {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body) ?? '');
  const all: Record<string, string> = {
    host: '127.0.0.1',
    connection: 'close',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return join([`${method} ${path} HTTP/1.1`, ...lines], bytes);
}

function join(lines: readonly string[], body: Uint8Array): Uint8Array {
  const length = body.length === 0 ? [] : [`content-length: ${body.length}`];
  return Buffer.concat([Buffer.from([...lines, ...length].join('\r\n') + headEnd, 'latin1'), body]);
}

const oddHeaders = [
  'content-length: 0',
  'content-length: -1',
  'content-length: 99999999999999999999',
  'transfer-encoding: chunked',
  'transfer-encoding: gzip, chunked',
  'content-encoding: gzip',
  'content-encoding: deflate',
  'content-encoding: br',
  'content-type: application/json; charset=utf-7',
  'content-type: application/json; charset=',
  'content-type: text/plain',
  'content-type: multipart/form-data',
  'expect: 100-continue',
  'upgrade: websocket',
  'connection: upgrade',
  'last-event-id: 9007199254740993',
  'last-event-id: -1',
  'idempotency-key: ',
  'x-http-method-override: DELETE',
  'origin: http://evil.example',
  'host: evil.example',
  'if-none-match: *',
  'range: bytes=0-18446744073709551615',
];
const methods = ['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'TRACE', 'M-SEARCH'];
const pathParts = [
  '%',
  '%00',
  '%ff',
  '%2e%2e',
  '..',
  '//',
  '?a=1',
  '?a[b]=1',
  '?__proto__[x]=1',
  '#',
  '0',
  '-1',
  '65536',
  '1e3',
  '9007199254740993',
  'NaN',
  'a'.repeat(2000),
  encodeURIComponent('İ'),
];

function changePath(line: string, { random, words }: MutationSource): string {
  const [method = '', path = '', version = ''] = line.split(' ');
  const kind = random.int(6);
  if (kind === 0) return `${random.pick(methods)} ${path} ${version}`;
  const parts = path.split('/');
  const at = random.int(parts.length);
  const part = random.pick(random.chance(0.5) || words.length === 0 ? pathParts : words);
  if (kind === 1) parts.splice(at, 0, part.replaceAll(/[\s]/g, '%20'));
  else if (kind === 2) parts.splice(at, 1);
  else if (kind === 3) parts[parts.length - 1] += random.pick(pathParts);
  else parts[at] = part.replaceAll(/[\s]/g, '%20');
  return `${method} ${parts.join('/')} ${version}`;
}

function changeHeaders(lines: string[], source: MutationSource): string[] {
  const { random } = source;
  const at = random.int(lines.length);
  if (random.chance(0.3)) return lines.toSpliced(at, 1);
  if (random.chance(0.6)) return [...lines, random.pick(oddHeaders)];
  const line = Buffer.from(changeBytes(Buffer.from(lines[at] ?? '', 'latin1'), source));
  return lines.toSpliced(at, 1, line.toString('latin1'));
}

/** HTTP/1.1 requests: line, headers and JSON body change on their own, or all of it as bytes. */
export const httpShape: Shape = {
  mutate(input, source) {
    const { random } = source;
    const bytes = Buffer.from(input);
    const end = bytes.indexOf(headEnd);
    if (end < 0 || random.chance(0.1)) return changeBytes(input, source);
    const [first = '', ...rest] = bytes.subarray(0, end).toString('latin1').split('\r\n');
    const body = bytes.subarray(end + headEnd.length);
    const lines = rest.filter((line) => !/^content-length:/i.test(line));
    const kind = random.int(10);
    if (kind < 2) return join([changePath(first, source), ...lines], body);
    if (kind < 4) return join([first, ...changeHeaders(lines, source)], body);
    if (body.length === 0) return join([changePath(first, source), ...lines], body);
    const donor = (): Uint8Array => {
      const other = Buffer.from(source.other());
      return other.subarray(other.indexOf(headEnd) + headEnd.length);
    };
    const tree = random.chance(0.85) ? changeJson(body, { ...source, other: donor }) : null;
    return join([first, ...lines], tree ?? changeBytes(body, { ...source, other: donor }));
  },
};
