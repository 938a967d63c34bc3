// The certificate library registers its parts in a container that needs the metadata API first.
import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';

import * as x509 from '@peculiar/x509';

import { AwsError } from './answers.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface Issued {
  /** Hex of the certificate's SHA-256, which is what AWS calls it. */
  readonly id: string;
  readonly pem: string;
}

/** Issues certificates as AWS IoT's own authority does. */
export function certificateIssuer(nowMs: () => number) {
  const keys = webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return async (csrPem: string): Promise<Issued> => {
    let request: x509.Pkcs10CertificateRequest;
    try {
      request = new x509.Pkcs10CertificateRequest(csrPem);
    } catch {
      throw new AwsError('InvalidRequestException', 'The CSR cannot be parsed.');
    }
    if (!(await request.verify())) {
      throw new AwsError('InvalidRequestException', 'The CSR is not signed by its own key.');
    }
    const { privateKey } = await keys;
    const serial = webcrypto.getRandomValues(new Uint8Array(16));
    serial[0] = 1;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: Buffer.from(serial).toString('hex'),
      subject: request.subject,
      issuer: 'OU=Amazon Web Services, O=Amazon.com Inc.',
      notBefore: new Date(nowMs()),
      notAfter: new Date('2049-12-31T23:59:59Z'),
      publicKey: request.publicKey,
      signingKey: privateKey,
      signingAlgorithm: algorithm,
    });
    const id = createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex');
    return { id, pem: `${certificate.toString('pem')}\n` };
  };
}
