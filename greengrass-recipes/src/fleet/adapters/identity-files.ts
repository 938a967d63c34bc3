import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { z } from 'zod';

const recordSchema = z.object({ certificateArn: z.string().startsWith('arn:') });

/** What a directory holds of an identity at AWS. */
export interface HeldIdentity {
  /** The signing request that a certificate is to be made from; null where there is one. */
  readonly csrPem: string | null;
  readonly certificateArn: string | null;
}

export interface IdentityNames {
  readonly key: string;
  readonly csr: string;
  readonly certificate: string;
}

/** Certificates are known to AWS by ARN, which a certificate does not say; it is kept beside it. */
const recordOf = ({ certificate }: IdentityNames): string => certificate.replace(/crt$/, 'json');

/** The directory of one identity: its key, its signing request, and what AWS made of it. */
export function identityFiles(dir: string, names: IdentityNames) {
  const path = (name: string): string => join(dir, name);
  const record = path(recordOf(names));

  /**
   * What is there already; a key and a request are made where there is neither, unless `dryRun`. A
   * request that was brought from elsewhere (`csrFile`) is used as it is.
   */
  async function prepare(
    commonName: string,
    options: { csrFile?: string | undefined; dryRun: boolean },
  ): Promise<HeldIdentity> {
    if (existsSync(record)) {
      const { certificateArn } = recordSchema.parse(JSON.parse(readFileSync(record, 'utf8')));
      return { csrPem: null, certificateArn };
    }
    if (options.csrFile !== undefined) {
      return { csrPem: readRequest(options.csrFile), certificateArn: null };
    }
    if (existsSync(path(names.csr)) && existsSync(path(names.key))) {
      return { csrPem: readRequest(path(names.csr)), certificateArn: null };
    }
    if (options.dryRun)
      return { csrPem: `(made in ${dir} when it is needed)`, certificateArn: null };
    const { newKeyAndRequest } = await import('./keys.ts');
    const { keyPem, csrPem } = await newKeyAndRequest(commonName);
    mkdirSync(dir, { recursive: true });
    writeFileSync(path(names.key), keyPem, { mode: 0o600, flag: 'wx' });
    writeFileSync(path(names.csr), csrPem);
    return { csrPem, certificateArn: null };
  }

  return {
    prepare,
    paths: { key: path(names.key), certificate: path(names.certificate) },
    /** Keeps what AWS answered, before anything else can fail. */
    keep(certificateArn: string, certificatePem: string): void {
      mkdirSync(dir, { recursive: true });
      writeFileSync(path(names.certificate), certificatePem);
      writeFileSync(record, `${JSON.stringify({ certificateArn })}\n`);
    },
    write(name: string, text: string): string {
      mkdirSync(dir, { recursive: true });
      writeFileSync(path(name), text);
      return path(name);
    },
  };
}

function readRequest(file: string): string {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FoyerError('not-found', `${file} cannot be read.`, { cause });
  }
  if (text.includes('-----BEGIN CERTIFICATE REQUEST-----')) return text;
  throw new FoyerError('bad-request', `${file} is no signing request in PEM.`, {
    whatToDo:
      'On the box: openssl req -new -newkey rsa:2048 -nodes -keyout private.key -out box.csr',
  });
}
