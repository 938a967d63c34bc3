import { X509Certificate } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { simLogger, type SimLogger } from '../../sim/logger.ts';
import { issueNode, makeTestCa } from '../../testing/certificates.ts';
import { makeTempDir, removeTempDir, waitFor } from '../../testing/cleanup.ts';
import { tlsFiles } from '../tls-files.ts';
import { meshLink, type MeshLink, type MeshOptions, type MeshTls } from './link.ts';

const oldCa = makeTestCa('old');
const newCa = makeTestCa('new');
const first = issueNode(oldCa, 1, 'gate-1', 'gate');
const second = issueNode(oldCa, 1, 'gate-2');

let dir = '';
const endings: (() => Promise<void>)[] = [];

beforeEach(() => {
  dir = makeTempDir('mesh-certificates');
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  removeTempDir(dir);
});

const paths = (nodeId: string) => ({
  certPath: join(dir, `${nodeId}.crt`),
  keyPath: join(dir, `${nodeId}.key`),
  caPath: join(dir, `${nodeId}-ca.crt`),
});

function place(nodeId: string, { cert, key, ca }: MeshTls): void {
  const { certPath, keyPath, caPath } = paths(nodeId);
  writeFileSync(keyPath, key, { mode: 0o600 });
  writeFileSync(certPath, cert);
  writeFileSync(caPath, ca);
}

interface Node {
  link: MeshLink;
  logger: SimLogger;
  /** Peers that came (+) and went (-). */
  changes: string[];
}

async function node(nodeId: string, options: Partial<MeshOptions> = {}): Promise<Node> {
  const logger = simLogger();
  const link = await meshLink({
    theatreNo: 1,
    nodeId,
    listen: { host: '127.0.0.1', port: 0 },
    tls: tlsFiles(paths(nodeId), { setting: 'mesh', logger }),
    renewMs: 20,
    logger,
    ...options,
  });
  endings.push(() => link.close());
  const changes: string[] = [];
  link.onPeer((peer, connected) => changes.push(`${connected ? '+' : '-'}${peer}`));
  return { link, logger, changes };
}

const urlOf = ({ link }: Node): string => `wss://127.0.0.1:${link.port}`;

const renewals = ({ logger }: Node): number => logger.of('certificates-renewed').length;

/** Shakes hands with a node and tells what came of it. */
async function shake(
  to: Node,
  tls: MeshTls,
  session?: Buffer,
): Promise<{ refused: boolean; socket: TLSSocket; sessions: Buffer[]; reused: boolean }> {
  const sessions: Buffer[] = [];
  const options = { port: to.link.port, host: '127.0.0.1', checkServerIdentity: () => undefined };
  const socket = connect({ ...tls, ...options, session });
  endings.push(() => Promise.resolve(socket.destroy()).then(() => {}));
  socket.on('session', (ticket) => sessions.push(ticket));
  // A server of TLS 1.3 refuses a client after the client's own handshake is over.
  const refused = await new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(true));
    socket.once('close', () => resolve(true));
    socket.once('data', () => resolve(false));
    socket.once('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  });
  return { refused, socket, sessions, reused: socket.isSessionReused() };
}

test('the role in a certificate is known at once, and null where it names none', async () => {
  place('gate-1', first);
  place('gate-2', second);
  const one = await node('gate-1');
  const other = await node('gate-2', { peers: { 'gate-1': urlOf(one) } });
  await waitFor('the connection', () => one.changes.length > 0 && other.changes.length > 0);
  expect(other.link.roleOf('gate-1')).toBe('gate');
  expect(one.link.roleOf('gate-2')).toBeNull();
  expect(one.link.roleOf('gate-9')).toBeNull();
});

test('a certificate that names a role that there is not is no certificate of ours', async () => {
  place('gate-1', first);
  const one = await node('gate-1');
  place('gate-2', oldCa.issue('gate-2', 'foyer theatre 1', 'usher'));
  await node('gate-2', { peers: { 'gate-1': urlOf(one) } });
  await waitFor('the refusal', () => one.logger.of('mesh-peer-refused').length > 0);
  expect(one.link.peers()).toEqual([]);
});

test('a certificate that was replaced is shown from then on; connections stay', async () => {
  place('gate-1', first);
  place('gate-2', second);
  const one = await node('gate-1');
  const other = await node('gate-2', { peers: { 'gate-1': urlOf(one) } });
  await waitFor('the connection', () => one.changes.length > 0 && other.changes.length > 0);
  const next = issueNode(oldCa, 1, 'gate-1', 'gate');
  place('gate-1', next);
  await waitFor('the renewal', () => renewals(one) > 0);
  const { socket } = await shake(one, second);
  const { serialNumber } = new X509Certificate(next.cert);
  expect(socket.getPeerCertificate().serialNumber).toBe(serialNumber);
  expect([one.changes, other.changes]).toEqual([['+gate-2'], ['+gate-1']]);
});

test('files that do not fit, or a key that others may read, change nothing', async () => {
  place('gate-1', first);
  const one = await node('gate-1');
  const refused = (): string[] =>
    one.logger.of('certificates-not-taken').map(({ fields }) => String(fields.reason));
  writeFileSync(paths('gate-1').certPath, second.cert);
  await waitFor('the first refusal', () => refused().some((reason) => reason.includes('fit')));
  place('gate-1', first);
  chmodSync(paths('gate-1').keyPath, 0o644);
  await waitFor('the second', () => refused().some((reason) => reason.includes('mode 0644')));
  writeFileSync(paths('gate-1').caPath, 'not a certificate');
  chmodSync(paths('gate-1').keyPath, 0o600);
  await waitFor('the third', () => refused().some((reason) => reason.includes('caPath')));
  expect((await shake(one, second)).refused).toBe(false);
  expect(refused().join(' ')).not.toContain('PRIVATE');
});

test('when an authority is dropped, its peers are cut off and none resumes a session', async () => {
  const both = oldCa.ca + newCa.ca;
  place('gate-1', { ...issueNode(newCa, 1, 'gate-1'), ca: both });
  place('gate-2', { ...second, ca: both });
  place('gate-3', { ...issueNode(newCa, 1, 'gate-3'), ca: both });
  const one = await node('gate-1');
  const peers = { 'gate-1': urlOf(one) };
  await node('gate-2', { peers });
  await node('gate-3', { peers });
  await waitFor('both', () => one.link.peers().length === 2);
  const before = await shake(one, { ...second, ca: both });
  await waitFor('a session', () => before.sessions.length > 0);
  const resumed = await shake(one, { ...second, ca: both }, before.sessions.at(-1));
  expect(resumed).toMatchObject({ refused: false, reused: true });
  writeFileSync(paths('gate-1').caPath, newCa.ca);
  await waitFor('the cut', () => one.changes.includes('-gate-2'));
  const late = await shake(one, { ...second, ca: both }, before.sessions.at(-1));
  expect(late.refused).toBe(true);
  await waitFor('its refusal', () => one.logger.of('mesh-peer-refused').length > 1);
  expect(one.link.peers()).toEqual(['gate-3']);
  expect(one.changes).not.toContain('-gate-3');
});

test('a node that is revoked is cut off at once, before any ping, and it is counted', async () => {
  place('gate-1', first);
  place('gate-2', second);
  let allowed = true;
  const one = await node('gate-1', { isAllowed: () => allowed, pingMs: 60_000 });
  await node('gate-2', { peers: { 'gate-1': urlOf(one) } });
  await waitFor('the connection', () => one.link.peers().length > 0);
  allowed = false;
  one.link.setPeers({});
  expect(one.link.peers()).toEqual([]);
  expect(one.logger.of('mesh-peer-refused')).toHaveLength(1);
  await waitFor('its next try to be refused', () => {
    return one.logger.of('mesh-peer-refused').length > 1;
  });
});
