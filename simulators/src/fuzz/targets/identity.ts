import { nodeIdSchema, theatreNoSchema } from '@foyer/contracts';
import { identityOf, theatreOrganisation } from '@foyer/platform/node';

import { jsonBytes } from '../examples.ts';
import { jsonShape } from '../shapes/json.ts';
import { Misbehaviour, type FuzzTarget } from '../target.ts';

type Subject = NonNullable<Parameters<typeof identityOf>[0]>;

const subject = (CN: unknown, O: unknown) => jsonBytes({ subject: { CN, O } });

/** A name is believed only where the whole subject is ours; two spellings are two subjects. */
function check(bytes: Uint8Array): void {
  let certificate: Subject;
  try {
    certificate = JSON.parse(Buffer.from(bytes).toString('utf8')) as Subject;
  } catch {
    return;
  }
  // node:tls gives an object, or none.
  if (typeof certificate !== 'object' || certificate === null) return;
  const found = identityOf(certificate);
  if (found === null) return;
  const { CN, O } = certificate.subject ?? {};
  const sound =
    theatreNoSchema.safeParse(found.theatreNo).success &&
    nodeIdSchema.safeParse(found.nodeId).success;
  if (!sound) throw new Misbehaviour('A certificate gave a name that is none.');
  if (CN !== found.nodeId || O !== theatreOrganisation(found.theatreNo)) {
    throw new Misbehaviour('Two subjects stand for the same node.');
  }
}

export const identityTarget: FuzzTarget = {
  name: 'identity',
  takes: "the subject of a peer's certificate: who it is",
  shape: jsonShape,
  words: ['foyer theatre 7', 'foyer theatre 007', 'foyer theatre 65536', 'gate-1', 'all', 'cloud'],
  seeds: () => [
    subject('gate-1', 'foyer theatre 7'),
    subject('theatre', 'foyer theatre 65535'),
    subject(['gate-1', 'gate-2'], 'foyer theatre 7'),
    jsonBytes({}),
  ],
  open: () => Promise.resolve({ run: check, close: () => {} }),
};
