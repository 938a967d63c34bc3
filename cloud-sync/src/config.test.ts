import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ed25519Signer } from '@foyer/platform/node';
import { makeTempDir, makeTestCa, removeTempDir } from '@foyer/platform/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { loadCloudConfig, mediaOptions, sealAuthorities, ticketKeys } from './config.ts';

const seed = Buffer.alloc(32, 3).toString('base64url');
const base = {
  database: { kind: 'sqlite', path: 'cloud.db' },
  payment: { url: 'https://pay.example' },
  apiKey: 'a'.repeat(16),
  signingKey: seed,
  keyId: 1,
};

let dir = '';

beforeEach(() => {
  dir = makeTempDir('cloud-config');
});

afterEach(() => removeTempDir(dir));

const load = (more: object, env: Record<string, string> = {}) =>
  loadCloudConfig({ FOYER_CONFIG: JSON.stringify({ ...base, ...more }), ...env }).config;

test('the booking API off this machine needs TLS, or a proxy that does it', () => {
  const host = '0.0.0.0';
  expect(() => load({ listen: { host } })).toThrow(/listen\.host: .* not this machine: set listen/);
  const tls = { certPath: 'a.crt', keyPath: 'a.key' };
  expect(load({ listen: { host, tls } }).listen.tls).toEqual(tls);
  expect(load({ listen: { host, behindTlsProxy: true } }).listen.host).toBe(host);
  const env = { FOYER_LISTEN_HOST: host, FOYER_LISTEN_BEHIND_TLS_PROXY: 'true' };
  expect(load({}, env).listen.behindTlsProxy).toBe(true);
  expect(load({ listen: { host: '::1' } }).listen.tls).toBeUndefined();
});

test('a broker off this machine needs TLS and our certificate', () => {
  expect(() => load({ mqtt: { url: 'mqtt://broker.example' } })).toThrow(/mqtt\.url/);
  expect(() => load({ mqtt: { url: 'mqtts://broker.example' } })).toThrow(/mqtt\.certPath/);
});

test.each([
  ['postgres://foyer@127.0.0.1/foyer', true],
  ['postgres:///foyer?host=/run/postgresql', true],
  ['postgres://db.example/foyer', false],
  ['postgres://db.example/foyer?sslmode=prefer', false],
  ['postgres://db.example/foyer?sslmode=no-verify', false],
  ['postgres://db.example/foyer?sslmode=verify-full&sslrootcert=/etc/ca.crt', true],
])('the database at %s is accepted: %s', (url, accepted) => {
  const act = () => load({ database: { kind: 'postgres', url } });
  if (accepted) expect(act().database).toMatchObject({ url });
  else expect(act).toThrow(/sslmode=verify-full/);
});

test('a payment provider off this machine is spoken to over TLS', () => {
  expect(() => load({ payment: { url: 'http://pay.example' } })).toThrow(/payment\.url.*https/);
  expect(load({ payment: { url: 'http://127.0.0.1:9' } }).payment.url).toContain('127.0.0.1');
});

test('a signing key is read from its file only when nobody else can read that', () => {
  const signingKeyPath = join(dir, 'signing.key');
  writeFileSync(signingKeyPath, `${seed}\n`, { mode: 0o600 });
  const config = load({ signingKey: undefined, signingKeyPath });
  expect(ticketKeys(config).signer.publicKey).toBe(ed25519Signer(seed).publicKey);
  chmodSync(signingKeyPath, 0o644);
  expect(() => ticketKeys(config)).toThrow(/signingKeyPath: .* mode 0644/);
});

test('keys beside the signing one are given by public key, by file, or as known', () => {
  const signingKeyPath = join(dir, 'next.key');
  writeFileSync(signingKeyPath, seed, { mode: 0o600 });
  const publicKey = 'p'.repeat(43);
  const keys = [
    { keyId: 2, status: 'active', signingKeyPath },
    { keyId: 3, status: 'active', publicKey },
    { keyId: 0, status: 'revoked' },
  ];
  expect(ticketKeys(load({ keys })).otherKeys).toEqual([
    { keyId: 2, status: 'active', publicKey: ed25519Signer(seed).publicKey },
    { keyId: 3, status: 'active', publicKey },
    { keyId: 0, status: 'revoked', publicKey: null },
  ]);
  const twice = load({ keys: [{ keyId: 1, status: 'retired' }] });
  expect(() => ticketKeys(twice)).toThrow(/keyId 1 is there twice/);
});

test('files of screens lie beside the database, or where the setting says', () => {
  const sqlite = load({ database: { kind: 'sqlite', path: join(dir, 'cloud.db') } });
  expect(mediaOptions(sqlite).dir).toBe(join(dir, 'media'));
  expect(mediaOptions(load({ media: { path: join(dir, 'files') } })).dir).toBe(join(dir, 'files'));
  const postgres = { database: { kind: 'postgres', url: 'postgres://127.0.0.1/x' } };
  expect(() => mediaOptions(load(postgres))).toThrow(/media\.path is not set/);
});

test('authorities of theatres are read at the start, and a wrong file is named', () => {
  const caPath = join(dir, 'ca.crt');
  const config = load({ authorities: [{ theatreNo: 7, caPath }] });
  expect(() => sealAuthorities(config)).toThrow(/authorities\.caPath: .* cannot be read/);
  writeFileSync(caPath, 'no certificate');
  expect(() => sealAuthorities(config)).toThrow(/authorities\.caPath holds no readable/);
  writeFileSync(caPath, makeTestCa().ca);
  expect(sealAuthorities(config).get(7)?.length).toBe(1);
});
