import QRCode from 'qrcode';

/** Pixels of one module on paper and screens. */
const moduleScale = 10;
/** Light modules around a code that the standard asks for. */
const quietModules = 4;

// A code's text holds 120 characters (version 5 at ECC M) or, with the part that rotates, 129 (6):
// all from the alphanumeric set, which is what makes it fit.
function segments(text: string) {
  return [{ data: text, mode: 'alphanumeric' as const }];
}

/** The QR code of a ticket's text as PNG, black on white, ECC M. */
export function ticketPng(text: string): Promise<Buffer> {
  return QRCode.toBuffer(segments(text), {
    type: 'png',
    errorCorrectionLevel: 'M',
    margin: quietModules,
    scale: moduleScale,
  });
}

/** The same as an SVG element, for a page that prints at any size. */
export function ticketSvg(text: string): Promise<string> {
  return QRCode.toString(segments(text), {
    type: 'svg',
    errorCorrectionLevel: 'M',
    margin: quietModules,
  });
}

/** The QR version (1..40) that a text takes. */
export function qrVersionOf(text: string): number {
  return QRCode.create(segments(text), { errorCorrectionLevel: 'M' }).version;
}
