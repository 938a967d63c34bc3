import {
  formatTicketCode,
  fromBase45,
  packCore,
  parseTicketCode,
  theatreNoOf,
  ticketCodePrefix,
  toBase45,
  type TicketCode,
} from '@foyer/contracts';
import { rotatingStepCode, verifyEd25519 } from '@foyer/platform/node';

import { bytesShape } from '../shapes/bytes.ts';
import { Misbehaviour, type FuzzTarget } from '../target.ts';

const key = Buffer.alloc(32, 5).toString('base64url');
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

function codeText(stepCode?: Uint8Array): string {
  const core = packCore({
    kind: stepCode === undefined ? 'static' : 'rotating',
    keyId: 1,
    ticketId: '0001000000000001',
    showNo: 7,
  });
  return formatTicketCode(core, new Uint8Array(64).fill(9), stepCode);
}

/** One code has one text: another for it would be a second ticket to whoever compares texts. */
function assertCanonical(text: string, code: TicketCode): void {
  const again = formatTicketCode(code.core, code.signature, code.stepCode ?? undefined);
  if (again !== text) throw new Misbehaviour('A code was read from a text that is not its own.');
  if (!Buffer.from(packCore(code)).equals(code.core)) {
    throw new Misbehaviour('The fields of a code do not make its core.');
  }
}

function check(text: string): void {
  const bytes = fromBase45(text);
  if (bytes !== null && toBase45(bytes) !== text) {
    throw new Misbehaviour('Two Base45 texts stand for the same bytes.');
  }
  const parsed = parseTicketCode(text);
  if (parsed.outcome !== 'code') return;
  assertCanonical(text, parsed.code);
  theatreNoOf(parsed.code.ticketId);
  rotatingStepCode(key, parsed.code.ticketId, 1);
  if (verifyEd25519(key, parsed.code.core, parsed.code.signature)) {
    throw new Misbehaviour('A signature was made without the key.');
  }
}

export const ticketCodeTarget: FuzzTarget = {
  name: 'ticket-code',
  takes: 'the text of a scanned QR code, its rotating part included',
  shape: bytesShape,
  words: [ticketCodePrefix, ...Array.from(alphabet), 'f1:', 'F2:', ':::', '000', 'FGW', 'GGW'],
  seeds: () => [codeText(), codeText(new Uint8Array(6)), 'https://x'].map((t) => Buffer.from(t)),
  open: () =>
    Promise.resolve({
      run: (input) => check(Buffer.from(input).toString('utf8')),
      close: () => {},
    }),
};
