import { nodeIdSchema, theatreNoSchema, type NodeAddress, type TheatreNo } from '@foyer/contracts';

/** The organisation (O) in the certificates of a theatre's nodes. */
export function theatreOrganisation(theatreNo: TheatreNo): string {
  return `foyer theatre ${theatreNo}`;
}

/** Names of a certificate's subject, as node:tls gives them. */
export interface CertificateSubject {
  subject?: { CN?: string | string[]; O?: string | string[] };
}

/** The node that a certificate stands for, or null where it is none of ours. */
export function identityOf(certificate: CertificateSubject | undefined): NodeAddress | null {
  const { CN: name, O: organisation } = certificate?.subject ?? {};
  if (typeof name !== 'string' || typeof organisation !== 'string') return null;
  const match = /^foyer theatre (\d{1,5})$/.exec(organisation);
  const theatreNo = theatreNoSchema.safeParse(Number(match?.[1]));
  const nodeId = nodeIdSchema.safeParse(name);
  if (match === null || !theatreNo.success || !nodeId.success) return null;
  return { theatreNo: theatreNo.data, nodeId: nodeId.data };
}
