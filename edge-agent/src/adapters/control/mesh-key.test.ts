import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { tlsFiles } from '@foyer/platform/node';
import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { provisionNode } from '../provisioning/index.ts';
import { finishMeshCertificate, installMeshCertificate, makeMeshKey } from './mesh-key.ts';

let dir = '';
let files: { certPath: string; keyPath: string; caPath: string };

beforeEach(async () => {
  dir = makeTempDir('mesh-key');
  const nowMs = Date.now();
  files = await provisionNode({ outDir: dir, theatreNo: 7, nodeId: 'gate-1', nowMs });
});
afterEach(() => removeTempDir(dir));

/** What the theatre's authority does with a request. */
function sign(csr: string): string {
  writeFileSync(join(dir, 'csr'), csr);
  const ca = readdirSync(dir).filter((name) => /ca\.(crt|key)$/.test(name));
  const find = (ending: string): string => join(dir, ca.find((n) => n.endsWith(ending)) ?? '');
  const args = ['-req', '-in', join(dir, 'csr'), '-CA', find('.crt'), '-CAkey', find('.key')];
  return execFileSync('openssl', ['x509', ...args, '-days', '2'], { encoding: 'utf8' });
}

const fits = (): boolean =>
  new X509Certificate(readFileSync(files.certPath)).checkPrivateKey(
    createPrivateKey(readFileSync(files.keyPath)),
  );

test('a new key and its certificate replace the former ones while the node runs', async () => {
  const tls = tlsFiles(files, { setting: 'mesh' });
  const before = tls.current();
  const csr = await makeMeshKey(files);
  expect(tls.renew()).toBe(false);
  const certificate = sign(csr);
  installMeshCertificate(files, certificate, () => null);
  expect(tls.renew()).toBe(true);
  expect(tls.current().key).not.toBe(before.key);
  expect(statSync(files.keyPath).mode & 0o777).toBe(0o600);
  const { subject } = new X509Certificate(certificate);
  expect(subject).toBe(new X509Certificate(before.cert).subject);
  // The job may be done again.
  installMeshCertificate(files, certificate, () => null);
  expect(fits()).toBe(true);
});

test("another key's certificate, or another node's, changes nothing", async () => {
  const first = sign(await makeMeshKey(files));
  await makeMeshKey(files);
  expect(() => installMeshCertificate(files, first, () => null)).toThrow(/rotate-keys/);
  const mine = sign(await makeMeshKey(files));
  const wrong = () => 'it is the certificate of gate-2.';
  expect(() => installMeshCertificate(files, mine, wrong)).toThrow(/gate-2/);
  expect(fits()).toBe(true);
});

test('an installation that broke off between the files is finished at the next start', async () => {
  const certificate = sign(await makeMeshKey(files));
  writeFileSync(`${files.certPath}.rotated`, certificate);
  renameSync(`${files.keyPath}.rotated`, files.keyPath);
  expect(fits()).toBe(false);
  finishMeshCertificate(files);
  expect(fits()).toBe(true);
});
