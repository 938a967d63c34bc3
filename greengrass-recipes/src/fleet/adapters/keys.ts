// The certificate library registers its parts in a container that needs the metadata API first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';

import * as x509 from '@peculiar/x509';

// RSA of 2,048 bits: what AWS IoT accepts in a signing request and both nuclei can use.
const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2_048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;

/** A private key and a signing request for it, both PEM. */
export interface KeyAndRequest {
  readonly keyPem: string;
  readonly csrPem: string;
}

/** Makes a key and what asks AWS for its certificate. */
export async function newKeyAndRequest(commonName: string): Promise<KeyAndRequest> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: algorithm,
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    keyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
    csrPem: `${request.toString('pem')}\n`,
  };
}
