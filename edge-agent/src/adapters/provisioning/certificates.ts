// The certificate library registers its parts in a container that needs the metadata API first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { NodeId, TheatreNo } from '@foyer/contracts';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const validYears = 20;

/** A certificate with its private key, both PEM. */
export interface KeyPairPem {
  certPem: string;
  keyPem: string;
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

const organisation = (theatreNo: TheatreNo): string => `foyer theatre ${theatreNo}`;

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

/** Makes the certificate authority of one theatre. */
export async function createTheatreCa(theatreNo: TheatreNo, nowMs: number): Promise<KeyPairPem> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=foyer theatre ${theatreNo} CA, O=${organisation(theatreNo)}`,
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

/** Makes a node's certificate: CN is the node, O its theatre. It serves and dials alike. */
export async function createNodeCertificate(
  ca: KeyPairPem,
  node: { theatreNo: TheatreNo; nodeId: NodeId },
  nowMs: number,
): Promise<KeyPairPem> {
  const caCertificate = new x509.X509Certificate(ca.certPem);
  const caKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(ca.keyPem),
    algorithm,
    false,
    ['sign'],
  );
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${node.nodeId}, O=${organisation(node.theatreNo)}`,
    issuer: caCertificate.subject,
    ...validity(nowMs),
    signingKey: caKey,
    publicKey: keys.publicKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: node.nodeId }]),
      await x509.AuthorityKeyIdentifierExtension.create(caCertificate),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: `${certificate.toString('pem')}\n`, keyPem: await keyToPem(keys.privateKey) };
}

/** The theatre that a certificate authority belongs to, or null when it is none of ours. */
export function theatreOfCa(certPem: string): number | null {
  const subject = new x509.X509Certificate(certPem).subject;
  const match = /O=foyer theatre (\d+)/.exec(subject);
  return match === null ? null : Number(match[1]);
}
