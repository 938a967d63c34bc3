// The certificate library registers its parts in a container that needs the metadata API first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const validYears = 20;

/** A certificate with its private key, both PEM. */
export interface KeyPairPem {
  certPem: string;
  keyPem: string;
}

/** What a certificate says of its owner. */
export interface Subject {
  commonName: string;
  organisation: string;
  unit?: string;
}

/**
 * From 1970, so that a node whose clock was reset still gets on the mesh, until 20 years from now;
 * revocation is by the node list, never by dates.
 */
function validity(nowMs: number): { notBefore: Date; notAfter: Date } {
  const notAfter = new Date(nowMs);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + validYears);
  return { notBefore: new Date(0), notAfter };
}

function nameOf({ commonName, organisation, unit }: Subject): x509.JsonName {
  const units = unit === undefined ? [] : [{ OU: [unit] }];
  return [{ CN: [commonName] }, ...units, { O: [organisation] }];
}

// The top bit is cleared: a serial number is a positive integer.
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return Buffer.from(bytes).toString('hex');
}

async function keyToPem(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key);
  return x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** Makes a certificate authority. */
export async function createAuthority(subject: Subject, nowMs: number): Promise<KeyPairPem> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: nameOf(subject),
    ...validity(nowMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: `${certificate.toString('pem')}\n`, keyPem: await keyToPem(keys.privateKey) };
}

/**
 * Makes a key and asks for its certificate.
 *
 * @param subject as X509Certificate of node:crypto writes it, a part on each line
 */
export async function createRequest(subject: string): Promise<{ csrPem: string; keyPem: string }> {
  const keys = await newKeys();
  const parts = subject.split('\n').map((line): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)];
  });
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: parts.map(([name, value]) => ({ [name]: [value] })),
    keys,
    signingAlgorithm: algorithm,
  });
  return { csrPem: `${request.toString('pem')}\n`, keyPem: await keyToPem(keys.privateKey) };
}

/**
 * Makes a certificate that serves and dials alike.
 *
 * @param hosts the names and addresses that it answers for
 */
export async function createCertificate(
  authority: KeyPairPem,
  subject: Subject,
  hosts: readonly string[],
  nowMs: number,
): Promise<KeyPairPem> {
  const issuer = new x509.X509Certificate(authority.certPem);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.keyPem),
    algorithm,
    false,
    ['sign'],
  );
  const keys = await newKeys();
  const names = hosts.map((host) => ({
    type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const),
    value: host,
  }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: nameOf(subject),
    issuer: issuer.subject,
    ...validity(nowMs),
    signingKey,
    publicKey: keys.publicKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: `${certificate.toString('pem')}\n`, keyPem: await keyToPem(keys.privateKey) };
}
