import {
  createPrivateKey,
  X509Certificate,
  type X509Certificate as Certificate,
} from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { FoyerError } from '@foyer/contracts';
import { certificatesOf } from '@foyer/platform/node';

/** The files of a node's mesh certificate. */
export interface MeshKeyFiles {
  certPath: string;
  keyPath: string;
}

const keyDraft = ({ keyPath }: MeshKeyFiles): string => `${keyPath}.rotated`;
const certDraft = ({ certPath }: MeshKeyFiles): string => `${certPath}.rotated`;

function fits(certificate: Certificate, keyPem: string): boolean {
  return certificate.checkPrivateKey(createPrivateKey(keyPem));
}

/** Makes a key beside the one in use; answers the request for its certificate, PEM. */
export async function makeMeshKey(files: MeshKeyFiles): Promise<string> {
  const { createRequest } = await import('../provisioning/certificates.ts');
  const current = new X509Certificate(readFileSync(files.certPath));
  const { csrPem, keyPem } = await createRequest(current.subject);
  rmSync(keyDraft(files), { force: true });
  writeFileSync(keyDraft(files), keyPem, { mode: 0o600, flag: 'wx' });
  return csrPem;
}

/**
 * Puts the certificate for the new key, and the key, in the place of the former ones. A certificate
 * that is in use already changes nothing. Throws FoyerError `config-invalid`.
 *
 * @param wrong a sentence that says why a certificate is not this node's; null where it is
 */
export function installMeshCertificate(
  files: MeshKeyFiles,
  pem: string,
  wrong: (certificate: Certificate) => string | null,
): void {
  const [certificate] = certificatesOf(pem, 'certificate');
  if (certificate === undefined) throw refusal('there is none');
  const fault = wrong(certificate);
  if (fault !== null) throw refusal(fault);
  if (fits(certificate, readFileSync(files.keyPath, 'utf8'))) return;
  if (!existsSync(keyDraft(files)) || !fits(certificate, readFileSync(keyDraft(files), 'utf8'))) {
    throw refusal('it is not for the key that rotate-keys made last.');
  }
  writeFileSync(certDraft(files), pem, { mode: 0o644 });
  renameSync(keyDraft(files), files.keyPath);
  renameSync(certDraft(files), files.certPath);
}

/** Finishes an installation that was interrupted between the two files. */
export function finishMeshCertificate(files: MeshKeyFiles): void {
  if (!existsSync(certDraft(files)) || !existsSync(files.keyPath)) return;
  const [certificate] = certificatesOf(readFileSync(certDraft(files), 'utf8'), 'certificate');
  if (certificate === undefined || !fits(certificate, readFileSync(files.keyPath, 'utf8'))) return;
  renameSync(certDraft(files), files.certPath);
}

const refusal = (reason: string): FoyerError =>
  new FoyerError('config-invalid', `The certificate cannot be used: ${reason}`, {
    whatToDo: 'Run the job rotate-keys, sign its csr, and install what comes of it.',
  });
