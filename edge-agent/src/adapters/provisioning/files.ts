import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FoyerError, type NodeId, type Role, type TheatreNo } from '@foyer/contracts';
import { theatreOrganisation } from '@foyer/platform/node';
import { library, needAuthority, replaceFile, writeNew, type AuthorityKind } from './authority.ts';
import type { Subject } from './certificates.ts';

/** The files of one end, as an agent's `mesh` or `mqtt` settings name them. */
export interface NodeFiles {
  certPath: string;
  keyPath: string;
  caPath: string;
}

export interface Provisioned extends NodeFiles {
  /** True when this call made the certificate authority. */
  createdCa: boolean;
}

interface Request {
  /** Where the files go. */
  outDir: string;
  /** Where the certificate authority is kept, or made; `outDir` when not given. */
  caDir?: string;
  /** Replaces the key and certificate that are there. */
  renew?: boolean;
  nowMs: number;
}

export interface ProvisionRequest extends Request {
  theatreNo: TheatreNo;
  nodeId: NodeId;
  /** Written into the certificate; the one that the node's name begins with when not given. */
  role?: Role;
}

/** Who shows a certificate to whom on the way between theatre and cloud. */
export type MqttParty =
  | { kind: 'node'; theatreNo: TheatreNo; nodeId: NodeId }
  | { kind: 'cloud' }
  | { kind: 'broker'; hosts: readonly string[] };

export interface MqttProvisionRequest extends Request {
  party: MqttParty;
}

/** The authority of one theatre's mesh. */
export const theatreAuthority = (theatreNo: TheatreNo): AuthorityKind => ({
  name: 'theatre-ca',
  organisation: theatreOrganisation(theatreNo),
  what: `the certificate authority of theatre ${theatreNo}`,
});

/**
 * The authority of a chain's MQTT broker and its clients. It is none of the theatres': who has the
 * authority of one theatre must not be able to speak for another.
 */
export const brokerAuthority: AuthorityKind = {
  name: 'broker-ca',
  organisation: 'foyer broker',
  what: "the broker's certificate authority",
};

/** The role that a node's name tells: `theatre`, `screen-3`; a gate where it tells none. */
export function roleOfName(nodeId: NodeId): Role {
  const role = /^(theatre|screen)(-|$)/.exec(nodeId)?.[1];
  return role === 'theatre' || role === 'screen' ? role : 'gate';
}

interface Issue {
  kind: AuthorityKind;
  subject: Subject;
  hosts: readonly string[];
  fileName: string;
}

async function provision(request: Request, issue: Issue): Promise<Provisioned> {
  const { outDir, renew = false, nowMs } = request;
  const { kind, subject, hosts, fileName } = issue;
  const files: NodeFiles = {
    certPath: join(outDir, `${fileName}.crt`),
    keyPath: join(outDir, `${fileName}.key`),
    caPath: join(outDir, `${kind.name}.crt`),
  };
  const present = [files.keyPath, files.certPath].filter((path) => existsSync(path));
  if (!renew) for (const path of present) writeNew(path, '', 0o600);
  if (renew && present.length < 2) {
    throw new FoyerError('not-found', `${outDir} does not hold the files of ${fileName}.`, {
      whatToDo: 'Leave --renew away to make them.',
    });
  }
  const authority = await needAuthority(request.caDir ?? outDir, kind, nowMs);
  const { createCertificate } = await library();
  const made = await createCertificate(authority, subject, hosts, nowMs);
  mkdirSync(outDir, { recursive: true, mode: 0o700 });
  const write = renew ? replaceFile : writeNew;
  // What it trusts comes first: it may be told to trust the authority of its own new certificate.
  if (!existsSync(files.caPath) || readFileSync(files.caPath, 'utf8') !== authority.trustPem) {
    replaceFile(files.caPath, authority.trustPem, 0o644);
  }
  write(files.keyPath, made.keyPem, 0o600);
  write(files.certPath, made.certPem, 0o644);
  return { ...files, createdCa: authority.created };
}

/**
 * Writes a node's key (mode 0600), certificate and its theatre's CA certificate, and makes the CA
 * when there is none yet. Unless it shall renew them no key and no certificate is overwritten:
 * FoyerError `wrong-state` when one exists.
 */
export function provisionNode(request: ProvisionRequest): Promise<Provisioned> {
  const { theatreNo, nodeId, role = roleOfName(request.nodeId) } = request;
  const kind = theatreAuthority(theatreNo);
  const { organisation } = kind;
  const subject = { commonName: nodeId, organisation, unit: role };
  return provision(request, { kind, subject, hosts: [nodeId], fileName: nodeId });
}

/**
 * The same for the MQTT link: the broker's own certificate, the cloud's or a node's. The broker
 * takes the common name for the user's: `cloud`, or `theatreNo/nodeId`.
 */
export function provisionMqtt(request: MqttProvisionRequest): Promise<Provisioned> {
  const { party } = request;
  const kind = brokerAuthority;
  const { organisation } = kind;
  if (party.kind === 'broker') {
    const [commonName = 'broker'] = party.hosts;
    const subject = { commonName, organisation, unit: 'broker' };
    return provision(request, { kind, subject, hosts: party.hosts, fileName: 'broker' });
  }
  const node = party.kind === 'node' ? party : null;
  const commonName = node === null ? 'cloud' : `${node.theatreNo}/${node.nodeId}`;
  const fileName = `${node?.nodeId ?? 'cloud'}.mqtt`;
  return provision(request, { kind, subject: { commonName, organisation }, hosts: [], fileName });
}
