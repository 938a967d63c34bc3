import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FoyerError, type NodeId, type TheatreNo } from '@foyer/contracts';
import type { KeyPairPem } from './certificates.ts';

/** The files of one node, as an agent's `mesh` settings name them. */
export interface NodeFiles {
  certPath: string;
  keyPath: string;
  caPath: string;
}

export interface Provisioned extends NodeFiles {
  /** True when this call made the theatre's certificate authority. */
  createdCa: boolean;
}

export interface ProvisionRequest {
  theatreNo: TheatreNo;
  nodeId: NodeId;
  /** Where the node's files go. */
  outDir: string;
  /** Where the certificate authority is kept, or made; `outDir` when not given. */
  caDir?: string;
  nowMs: number;
}

const caCertName = 'theatre-ca.crt';
const caKeyName = 'theatre-ca.key';

// `wx` refuses a file that exists: a key is never overwritten, also not in a race.
function writeNew(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    throw new FoyerError('wrong-state', `${path} exists already; it was left as it is.`, {
      cause: error,
      whatToDo: 'Choose another directory, or remove the file when the node shall get new keys.',
    });
  }
}

// The certificate library takes long to load, and few of those who import this make a certificate.
const library = () => import('./certificates.ts');

async function readCa(dir: string, theatreNo: TheatreNo): Promise<KeyPairPem | null> {
  const certPath = join(dir, caCertName);
  const keyPath = join(dir, caKeyName);
  if (!existsSync(certPath) && !existsSync(keyPath)) return null;
  if (!existsSync(certPath) || !existsSync(keyPath)) {
    throw new FoyerError('not-found', `${dir} holds one half of a certificate authority only.`, {
      whatToDo: `Bring ${caCertName} and ${caKeyName} together in one directory.`,
    });
  }
  const certPem = readFileSync(certPath, 'utf8');
  const { theatreOfCa } = await library();
  const owner = theatreOfCa(certPem);
  if (owner !== theatreNo) {
    throw new FoyerError('identity-refused', `${certPath} belongs to theatre ${owner ?? '?'}.`, {
      whatToDo: `Give the directory of theatre ${theatreNo}'s certificate authority.`,
    });
  }
  return { certPem, keyPem: readFileSync(keyPath, 'utf8') };
}

async function makeCa(dir: string, request: ProvisionRequest): Promise<KeyPairPem> {
  const { createTheatreCa } = await library();
  const ca = await createTheatreCa(request.theatreNo, request.nowMs);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeNew(join(dir, caKeyName), ca.keyPem, 0o600);
  writeNew(join(dir, caCertName), ca.certPem, 0o644);
  return ca;
}

/**
 * Writes a node's key (mode 0600), certificate and its theatre's CA certificate, and makes the CA
 * when there is none yet. Nothing is overwritten: FoyerError `wrong-state` when a file exists.
 */
export async function provisionNode(request: ProvisionRequest): Promise<Provisioned> {
  const { nodeId, outDir } = request;
  const files: NodeFiles = {
    certPath: join(outDir, `${nodeId}.crt`),
    keyPath: join(outDir, `${nodeId}.key`),
    caPath: join(outDir, caCertName),
  };
  for (const path of [files.keyPath, files.certPath]) {
    if (existsSync(path)) writeNew(path, '', 0o600);
  }
  const caDir = request.caDir ?? outDir;
  const known = await readCa(caDir, request.theatreNo);
  const ca = known ?? (await makeCa(caDir, request));
  const { createNodeCertificate } = await library();
  const node = await createNodeCertificate(ca, request, request.nowMs);
  mkdirSync(outDir, { recursive: true, mode: 0o700 });
  writeNew(files.keyPath, node.keyPem, 0o600);
  writeNew(files.certPath, node.certPem, 0o644);
  if (!existsSync(files.caPath)) writeNew(files.caPath, ca.certPem, 0o644);
  return { ...files, createdCa: known === null };
}
