import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from '@foyer/platform/node';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { provisionNode } from './files.ts';

let dir = '';
const nowMs = Date.UTC(2026, 10, 20);

beforeEach(() => {
  dir = makeTempDir('provision');
});

afterEach(() => removeTempDir(dir));

const provision = (nodeId: string, theatreNo = 1) =>
  provisionNode({ theatreNo, nodeId, outDir: dir, nowMs });

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
  const subject = certificate.toLegacyObject().subject;
  expect(identityOf({ subject: { CN: subject.CN, O: subject.O } })).toEqual({
    theatreNo: 1,
    nodeId: 'gate-1',
  });
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
