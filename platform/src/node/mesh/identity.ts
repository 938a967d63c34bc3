import type { X509Certificate } from 'node:crypto';

import {
  nodeIdSchema,
  roleSchema,
  theatreNoSchema,
  type NodeAddress,
  type Role,
  type TheatreNo,
} from '@foyer/contracts';

/** The organisation (O) in the certificates of a theatre's nodes. */
export function theatreOrganisation(theatreNo: TheatreNo): string {
  return `foyer theatre ${theatreNo}`;
}

/** Names of a certificate's subject, as node:tls gives them. */
export interface CertificateSubject {
  subject?: { CN?: string | string[]; O?: string | string[]; OU?: string | string[] };
}

/** What a certificate says of its node. */
export interface NodeIdentity extends NodeAddress {
  /** Its organisational unit (OU); null in certificates that were made without one. */
  role: Role | null;
}

/** The node that a certificate stands for, or null where it is none of ours. */
export function identityOf(certificate: CertificateSubject | undefined): NodeIdentity | null {
  const { CN: name, O: organisation, OU: unit } = certificate?.subject ?? {};
  if (typeof name !== 'string' || typeof organisation !== 'string') return null;
  const match = /^foyer theatre ([1-9]\d{0,4})$/.exec(organisation);
  const theatreNo = theatreNoSchema.safeParse(Number(match?.[1]));
  const nodeId = nodeIdSchema.safeParse(name);
  const role = roleSchema.nullable().safeParse(unit ?? null);
  if (match === null || !theatreNo.success || !nodeId.success || !role.success) return null;
  return { theatreNo: theatreNo.data, nodeId: nodeId.data, role: role.data };
}

/** The same, of a certificate that was read. */
export function identityOfX509(certificate: X509Certificate | undefined): NodeIdentity | null {
  // Its type names the subject a string map, where a name may come more than once all the same.
  const subject: CertificateSubject['subject'] = certificate?.toLegacyObject().subject;
  return identityOf({ subject });
}
