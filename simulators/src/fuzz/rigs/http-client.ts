import { connect } from 'node:net';

import { problemSchema } from '@foyer/contracts';

import { Misbehaviour } from '../target.ts';

/** What a server answered, as far as it is looked at. */
export interface RawAnswer {
  status: number;
  type: string;
  body: string;
}

const keptChars = 65_536;
/** A server that waits for more although the client has ended is cut off by the watch. */
const patienceMs = 8000;

function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? Number.NaN);
  const type = /^content-type: ([^;\r\n]*)/im.exec(head)?.[1] ?? '';
  const rest = end < 0 ? '' : text.slice(end + 4);
  // What follows answers the next request on the connection.
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  const body = length === undefined ? rest : rest.slice(0, Number(length));
  // The last chunk of a body in chunks, which is all of it; or, after a HEAD, the next answer.
  const none = body === '0\r\n\r\n' || body.startsWith('HTTP/1.1 ');
  return { status, type, body: none ? '' : body };
}

/**
 * Sends bytes to a port of this machine, ends, and answers what came back: null when the server
 * closed without a word. A stream that does not end is left once it has begun.
 */
export function exchange(port: number, bytes: Uint8Array): Promise<RawAnswer | null> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port });
    socket.setNoDelay(true);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Misbehaviour('A request got no answer although its client had ended.'));
    }, patienceMs);
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text === '' ? null : parse(text));
    };
    socket.on('data', (part) => {
      if (text.length < keptChars) text += part.toString('latin1');
      if (/\r\ncontent-type: text\/event-stream/i.test(text)) finish();
    });
    socket.on('error', finish);
    socket.on('close', finish);
    socket.end(bytes);
  });
}

/** Statuses above 499 that tell of the world and not of a defect, by the code of their problem. */
const worldly = new Set(['queue-full', 'payment-unreachable', 'link-down']);

/** A refusal is a problem of ours with a code; what Node's own parser refuses has no body. */
export function assertAnswer(answer: RawAnswer | null): void {
  if (answer === null) return;
  const { status, type, body } = answer;
  if (!Number.isInteger(status)) throw new Misbehaviour('The answer is not HTTP.');
  if (status < 400 || body === '') {
    if (status >= 500) throw new Misbehaviour(`A request was answered with ${status}.`);
    return;
  }
  const problem = type === 'application/json' ? problemOf(body) : null;
  if (status < 500 && problem !== null) return;
  if (status >= 500 && problem !== null && worldly.has(problem.code)) return;
  const what = problem === null ? body.slice(0, 200) : `${problem.code}: ${problem.message}`;
  throw new Misbehaviour(`A request was answered with ${status} ${type} ${what}`);
}

function problemOf(body: string) {
  try {
    return problemSchema.safeParse(JSON.parse(Buffer.from(body, 'latin1').toString())).data ?? null;
  } catch {
    return null;
  }
}
