import { formatTicketCode, packCore, type ShowNo, type TicketId } from '@foyer/contracts';
import { rotatingStepAt, rotatingStepCode } from '@foyer/platform/node';

import type { TicketSigner } from '../domain/ports.ts';

export interface CodeRequest {
  ticketId: TicketId;
  showNo: ShowNo;
  entries: number;
  /** The show's key for a rotating code, base64url; null for a static one. */
  showKey: string | null;
}

/**
 * The text of a ticket's QR code, signed with the current key. A rotating one holds the code of the
 * step that `atMs` lies in and is asked for again as it changes.
 */
export function ticketCodeText(signer: TicketSigner, request: CodeRequest, atMs: number): string {
  const { ticketId, showNo, entries, showKey } = request;
  const staticKind = entries > 1 ? 'group' : 'static';
  const kind = showKey === null ? staticKind : 'rotating';
  const core = packCore({ kind, keyId: signer.keyId, ticketId, showNo });
  const signature = signer.sign(core);
  if (showKey === null) return formatTicketCode(core, signature);
  return formatTicketCode(
    core,
    signature,
    rotatingStepCode(showKey, ticketId, rotatingStepAt(atMs)),
  );
}
