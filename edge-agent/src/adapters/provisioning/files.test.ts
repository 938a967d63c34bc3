import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificatesOf, identityOfX509, readSecretFile } from '@foyer/platform/node';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropOldAuthority, rotateAuthority } from './authority.ts';
import { brokerAuthority, provisionMqtt, provisionNode, theatreAuthority } from './files.ts';

let dir = '';
const nowMs = Date.UTC(2026, 10, 20);

beforeEach(() => {
  dir = makeTempDir('provision');
});

afterEach(() => removeTempDir(dir));

const provision = (nodeId: string, theatreNo = 1) =>
  provisionNode({ theatreNo, nodeId, outDir: dir, nowMs });

const renew = (nodeId: string) =>
  provisionNode({ theatreNo: 1, nodeId, outDir: dir, nowMs, renew: true });

const read = (path: string) => new X509Certificate(readFileSync(path));

test('a node gets a certificate of its theatre, from 1970 until 20 years from now', async () => {
  const files = await provision('gate-1');
  const certificate = read(files.certPath);
  const ca = read(files.caPath);
  expect(files.createdCa).toBe(true);
  expect(ca.ca).toBe(true);
  expect(certificate.verify(ca.publicKey)).toBe(true);
  expect(new Date(certificate.validFrom).getTime()).toBe(0);
  expect(new Date(certificate.validTo).getTime()).toBe(Date.UTC(2046, 10, 20));
  expect(identityOfX509(certificate)).toEqual({ theatreNo: 1, nodeId: 'gate-1', role: 'gate' });
});

test('the second node is signed by the same authority', async () => {
  await provision('gate-1');
  const second = await provision('gate-2');
  expect(second.createdCa).toBe(false);
  expect(read(second.certPath).verify(read(second.caPath).publicKey)).toBe(true);
});

test('keys are readable by their owner only', async () => {
  const files = await provision('gate-1');
  expect(statSync(files.keyPath).mode & 0o777).toBe(0o600);
  expect(statSync(join(dir, 'theatre-ca.key')).mode & 0o777).toBe(0o600);
});

test('nothing is overwritten', async () => {
  const files = await provision('gate-1');
  const before = readFileSync(files.keyPath, 'utf8');
  await expect(provision('gate-1')).rejects.toMatchObject({ code: 'wrong-state' });
  expect(readFileSync(files.keyPath, 'utf8')).toBe(before);
});

test("another theatre's authority signs nothing", async () => {
  await provision('gate-1');
  await expect(provision('gate-2', 2)).rejects.toMatchObject({ code: 'identity-refused' });
});

test('half an authority is refused, not replaced', async () => {
  writeFileSync(join(dir, 'theatre-ca.crt'), 'x');
  await expect(provision('gate-1')).rejects.toMatchObject({ code: 'not-found' });
});

test.each([
  ['theatre', 'theatre'],
  ['screen-2', 'screen'],
  ['screening-2', 'gate'],
  ['gate-1', 'gate'],
])('the certificate of %s names its role: %s', async (nodeId, role) => {
  const files = await provision(nodeId);
  expect(identityOfX509(read(files.certPath))?.role).toBe(role);
});

test('a role that is given counts, whatever the name', async () => {
  const request = { theatreNo: 1, nodeId: 'box-7', outDir: dir, nowMs };
  const files = await provisionNode({ ...request, role: 'screen' });
  expect(identityOfX509(read(files.certPath))?.role).toBe('screen');
});

test("renewing puts a new key and certificate in the place of the node's", async () => {
  await expect(renew('gate-1')).rejects.toMatchObject({ code: 'not-found' });
  const files = await provision('gate-1');
  const before = [files.keyPath, files.certPath].map((path) => readFileSync(path, 'utf8'));
  await renew('gate-1');
  const after = [files.keyPath, files.certPath].map((path) => readFileSync(path, 'utf8'));
  expect(after[0]).not.toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
  expect(statSync(files.keyPath).mode & 0o777).toBe(0o600);
  const [key, certificate] = [createPrivateKey(after[0] ?? ''), read(files.certPath)];
  expect(certificate.checkPrivateKey(key)).toBe(true);
});

test('a new authority signs beside the old one until that is dropped', async () => {
  const theatre = theatreAuthority(1);
  const { caPath, ...old } = await provision('gate-1');
  const oldCertificate = read(old.certPath);
  expect(() => dropOldAuthority(dir, theatre)).toThrow(/holds no old authority/);
  await rotateAuthority(dir, theatre, nowMs);
  await expect(rotateAuthority(dir, theatre, nowMs)).rejects.toMatchObject({ code: 'wrong-state' });
  const trusted = certificatesOf(readFileSync(caPath, 'utf8'), 'ca');
  expect(trusted.map((ca) => oldCertificate.verify(ca.publicKey))).toEqual([false, true]);
  const renewed = read((await renew('gate-1')).certPath);
  expect(trusted.map((ca) => renewed.verify(ca.publicKey))).toEqual([true, false]);
  dropOldAuthority(dir, theatre);
  const [left, ...more] = certificatesOf(readFileSync(caPath, 'utf8'), 'ca');
  expect(more).toEqual([]);
  expect(renewed.verify(left!.publicKey)).toBe(true);
  expect(statSync(join(dir, 'theatre-ca.key')).mode & 0o777).toBe(0o600);
});

test('a change that was cut between its two files goes on with its key', async () => {
  const files = await provision('gate-1');
  const key = readFileSync(join(dir, 'theatre-ca.key'), 'utf8');
  await rotateAuthority(dir, theatreAuthority(1), nowMs);
  writeFileSync(join(dir, 'theatre-ca.key'), key);
  const second = read((await provision('gate-2')).certPath);
  const trusted = certificatesOf(readFileSync(files.caPath, 'utf8'), 'ca');
  expect(trusted.map((ca) => second.verify(ca.publicKey))).toEqual([false, true]);
});

test('a node keeps its own copy of what it trusts, which follows the authority', async () => {
  const request = { theatreNo: 1, nodeId: 'gate-1', caDir: join(dir, 'ca'), nowMs };
  const files = await provisionNode({ ...request, outDir: join(dir, 'gate-1') });
  await rotateAuthority(join(dir, 'ca'), theatreAuthority(1), nowMs);
  expect(certificatesOf(readFileSync(files.caPath, 'utf8'), 'ca')).toHaveLength(1);
  await provisionNode({ ...request, outDir: join(dir, 'gate-1'), renew: true });
  expect(certificatesOf(readFileSync(files.caPath, 'utf8'), 'ca')).toHaveLength(2);
});

test('an authority that others can read is not used', async () => {
  await provision('gate-1');
  chmodSync(join(dir, 'theatre-ca.key'), 0o644);
  await expect(provision('gate-2')).rejects.toThrow(/theatre-ca\.key has mode 0644/);
});

test.each([
  [0o600, null],
  [0o400, null],
  [0o640, /mode 0640/],
  [0o604, /mode 0604/],
])('a key of mode %o is judged', (mode, refused) => {
  const path = join(dir, 'some.key');
  writeFileSync(path, 'secret');
  chmodSync(path, mode);
  const act = () => readSecretFile(path, 'mesh.keyPath');
  if (refused === null) expect(act()).toBe('secret');
  else expect(act).toThrow(refused);
});

test('broker, cloud and nodes of the MQTT link have an authority of their own', async () => {
  await provision('theatre');
  const request = { outDir: dir, nowMs };
  const node = { kind: 'node', theatreNo: 7, nodeId: 'theatre' } as const;
  const files = await provisionMqtt({ ...request, party: node });
  const hosts = ['broker.example', '127.0.0.1'];
  const broker = await provisionMqtt({ ...request, party: { kind: 'broker', hosts } });
  const cloud = await provisionMqtt({ ...request, party: { kind: 'cloud' } });
  expect([files.createdCa, broker.createdCa, cloud.createdCa]).toEqual([true, false, false]);
  const names = [files, cloud, broker].map((of) => read(of.certPath).toLegacyObject().subject.CN);
  expect(names).toEqual(['7/theatre', 'cloud', 'broker.example']);
  expect(read(broker.certPath).checkHost('broker.example')).toBe('broker.example');
  expect(read(broker.certPath).checkIP('127.0.0.1')).toBe('127.0.0.1');
  const theatreCa = read(join(dir, 'theatre-ca.crt'));
  expect(read(files.certPath).verify(theatreCa.publicKey)).toBe(false);
  expect(identityOfX509(read(files.certPath))).toBeNull();
  await rotateAuthority(dir, brokerAuthority, nowMs);
});
