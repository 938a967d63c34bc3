import type { Media, Screen } from '@foyer/contracts';

/** What a file is, by its first bytes; null for none that screens can show. */
export type FileKind =
  | { kind: 'image'; mime: 'image/png' | 'image/jpeg' | 'image/webp' }
  | { kind: 'video'; mime: 'video/mp4' | 'video/webm' }
  | { kind: 'template'; mime: 'text/html' };

/** Bytes that `fileKindOf` looks at. */
export const sniffBytes = 512;

const startsWith = (bytes: Uint8Array, signature: readonly number[], at = 0): boolean =>
  signature.every((byte, index) => bytes[at + index] === byte);

const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));

/** Tells what a file is from its first bytes: a name or a header may say anything. */
export function fileKindOf(head: Uint8Array): FileKind | null {
  if (startsWith(head, [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a])) {
    return { kind: 'image', mime: 'image/png' };
  }
  if (startsWith(head, [0xff, 0xd8, 0xff])) return { kind: 'image', mime: 'image/jpeg' };
  if (startsWith(head, ascii('RIFF')) && startsWith(head, ascii('WEBP'), 8)) {
    return { kind: 'image', mime: 'image/webp' };
  }
  if (startsWith(head, ascii('ftyp'), 4)) return { kind: 'video', mime: 'video/mp4' };
  if (startsWith(head, [0x1a, 0x45, 0xdf, 0xa3])) return { kind: 'video', mime: 'video/webm' };
  const text = new TextDecoder().decode(head).replace(/^\uFEFF/, '');
  const isHtml = /^\s*(?:<!--[^]*?-->\s*)*<(?:!doctype html|html)[\s>]/i.test(text);
  return isHtml ? { kind: 'template', mime: 'text/html' } : null;
}

export interface PixelSize {
  widthPx: number;
  heightPx: number;
}

/** Versions of an image beside the original. */
const maxRenditions = 6;
/** A version that is hardly smaller than its original saves nothing. */
const worthwhile = 0.9;

const nameOf = ({ widthPx, heightPx }: PixelSize): string => `${widthPx}x${heightPx}`;

/**
 * The sizes that an image is prepared in: for each size of screen the smallest that covers it, with
 * the image's own proportions, never larger than the image. Where that makes too many, those that
 * the most screens want; the other screens take the next larger.
 */
export function renditionSizes(image: PixelSize, screens: readonly PixelSize[]): PixelSize[] {
  const wanted = new Map<string, { size: PixelSize; screens: number }>();
  for (const screen of screens) {
    const wide = screen.widthPx / image.widthPx;
    const high = screen.heightPx / image.heightPx;
    const scale = Math.max(wide, high);
    if (scale > worthwhile) continue;
    const size = {
      widthPx: wide >= high ? screen.widthPx : Math.ceil(image.widthPx * scale),
      heightPx: wide >= high ? Math.ceil(image.heightPx * scale) : screen.heightPx,
    };
    const known = wanted.get(nameOf(size));
    wanted.set(nameOf(size), { size, screens: (known?.screens ?? 0) + 1 });
  }
  return [...wanted.values()]
    .sort((a, b) => b.screens - a.screens || b.size.widthPx - a.size.widthPx)
    .slice(0, maxRenditions)
    .map(({ size }) => size)
    .sort((a, b) => a.widthPx - b.widthPx || a.heightPx - b.heightPx);
}

/** What is to be made for the screens that there are now, and what stays of the versions. */
export function renditionPlan(media: Media, screens: readonly Screen[]) {
  const wanted = new Set(renditionSizes(media, screens).map(nameOf));
  const kept = media.renditions.filter((rendition) => wanted.has(nameOf(rendition)));
  const have = new Set(kept.map(nameOf));
  const make = renditionSizes(media, screens).filter((size) => !have.has(nameOf(size)));
  return { kept, make, same: make.length === 0 && kept.length === media.renditions.length };
}

/** Columns and rows of a thumbprint. */
export const thumbprintGrid = { columns: 16, rows: 9 } as const;
/** Pixels of the square that is averaged to one of its cells. */
export const thumbprintCellPx = 10;

/**
 * An image's 16 x 9 luminances, from its pixels stretched to 160 x 90: RGB, three bytes each, row
 * by row. A cell is the mean of its 10 x 10 pixels' Rec. 709 luma (0.2126 R + 0.7152 G + 0.0722 B
 * of the sRGB bytes), rounded; two hex digits, row by row from the top left.
 *
 * The whole image is in it, whatever its proportions and those of the screen: a page that shows a
 * part (object-fit: cover) compares the cells of that part, and every rendition has the same one.
 */
export function thumbprintOf(rgb: Uint8Array): string {
  const { columns, rows } = thumbprintGrid;
  const widthPx = columns * thumbprintCellPx;
  let hex = '';
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      let sum = 0;
      for (let pixel = 0; pixel < thumbprintCellPx ** 2; pixel += 1) {
        const x = column * thumbprintCellPx + (pixel % thumbprintCellPx);
        const y = row * thumbprintCellPx + Math.floor(pixel / thumbprintCellPx);
        const at = (y * widthPx + x) * 3;
        sum += 0.2126 * (rgb[at] ?? 0) + 0.7152 * (rgb[at + 1] ?? 0) + 0.0722 * (rgb[at + 2] ?? 0);
      }
      hex += Math.round(sum / thumbprintCellPx ** 2)
        .toString(16)
        .padStart(2, '0');
    }
  }
  return hex;
}
