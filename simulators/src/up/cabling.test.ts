import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { Cabling } from './cabling.ts';

let cabling: Cabling;
let server: Server;

beforeEach(async () => {
  server = createServer((socket) => socket.end('here'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cabling = await Cabling.lay(['theatre', 'gate-1', 'gate-2']);
  const { port } = server.address() as AddressInfo;
  for (const node of ['theatre', 'gate-1', 'gate-2']) cabling.plugMesh(node, port);
  cabling.plug('broker', port);
});

afterEach(async () => {
  await cabling.close();
  server.close();
});

/** Whether somebody answers at an address. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
    let heard = '';
    socket.on('data', (data) => {
      heard += data.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard === 'here'));
  });
}

const reach = (from: string, to: string): Promise<boolean> =>
  answers(cabling.peersOf(from)[to] ?? '');

test("a cut cable of one gate cuts everything to and from it, and nobody else's", async () => {
  expect(await reach('gate-1', 'gate-2')).toBe(true);
  cabling.cut('lan:gate-2');
  expect(await reach('gate-1', 'gate-2')).toBe(false);
  expect(await reach('gate-2', 'gate-1')).toBe(false);
  expect(await reach('gate-2', 'theatre')).toBe(false);
  expect(await reach('theatre', 'gate-2')).toBe(false);
  expect(await reach('gate-1', 'theatre')).toBe(true);
  expect(await answers(cabling.wanUrl)).toBe(true);
  cabling.mend('lan:gate-2');
  expect(await reach('gate-2', 'theatre')).toBe(true);
});

test('a cable between two cut nodes carries again only when both are mended', async () => {
  cabling.cut('lan:gate-1');
  cabling.cut('lan:gate-2');
  cabling.mend('lan:gate-1');
  expect(await reach('gate-1', 'gate-2')).toBe(false);
  cabling.mend('lan:gate-2');
  expect(await reach('gate-1', 'gate-2')).toBe(true);
});

test('the internet is cut for the theatre, not for the cloud', async () => {
  cabling.cut('wan');
  expect([...cabling.cuts]).toEqual(['wan']);
  expect(await answers(cabling.wanUrl)).toBe(false);
  expect(await answers(cabling.brokerUrl)).toBe(true);
});

test('a program that was killed is not there for anybody', async () => {
  cabling.plugMesh('gate-1', undefined);
  expect(await reach('gate-2', 'gate-1')).toBe(false);
  expect(await reach('gate-1', 'gate-2')).toBe(true);
});
