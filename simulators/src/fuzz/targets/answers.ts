import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';

import { httpPayment } from '@foyer/cloud-sync';
import { nodeClock, nodeRandom, silentLogger } from '@foyer/platform/node';
import { createAgentClient } from '@foyer/scanner';

import { fixture, wordsOf } from '../examples.ts';
import { httpShape } from '../shapes/http.ts';
import { isAnswer, type FuzzTarget, type Rig } from '../target.ts';

const head = (status: string, length: number): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${length}` +
  '\r\nconnection: close\r\n\r\n';

function answerOf(value: unknown, status = '200 OK'): Uint8Array {
  const body = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(head(status, body.length)), body]);
}

const timeoutMs = 400;

/** A server that answers whatever it is asked with the same bytes. */
function startEcho(): Promise<{ server: Server; say: (bytes: Uint8Array) => void }> {
  let answer: Uint8Array = new Uint8Array();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer));
  });
  const say = (bytes: Uint8Array): void => {
    answer = bytes;
  };
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ server, say }));
  });
}

async function open(): Promise<Rig> {
  const { server, say } = await startEcho();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const payment = httpPayment({ url, logger: silentLogger(), timeoutMs });
  const client = createAgentClient(
    { agentUrl: url, attemptTimeoutMs: timeoutMs, giveUpAfterMs: 0 },
    nodeClock(),
    nodeRandom(),
  );
  const order = { idempotencyKey: 'k', token: 't', amountMinor: 1, currency: 'EUR' };
  return {
    async run(input) {
      say(input);
      await payment.charge(order);
      await payment.refund({ idempotencyKey: 'k', chargeId: 'c' });
      await client.scan('text').catch((error: unknown) => {
        if (!isAnswer(error)) throw error;
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

const bodies = fixture('bodies');
const examples = ['Verdict', 'Problem', 'ChargeResult'].flatMap((name) => bodies.get(name) ?? []);

export const answersTarget: FuzzTarget = {
  name: 'answers',
  takes: 'what a payment provider and an agent answer: raw HTTP at our own clients',
  shape: httpShape,
  words: ['HTTP/1.1', '100 Continue', '204', '304', '500', 'chunked', ...wordsOf(examples)],
  seeds: () => [
    ...examples.map((example) => answerOf(example)),
    answerOf({ code: 'bad-request', message: 'm', whatToDo: 'w' }, '400 Bad Request'),
    answerOf({}, '503 Service Unavailable'),
  ],
  open,
};
