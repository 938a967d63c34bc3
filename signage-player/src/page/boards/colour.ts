/** sRGB, each 0 to 255. */
export type Rgb = readonly [number, number, number];

/** `#rrggbb`; anything else is black. */
export function parseHex(text: string): Rgb {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  const part = (index: number): number => Number.parseInt(match?.[index] ?? '00', 16);
  return [part(1), part(2), part(3)];
}

export const toHex = (colour: Rgb): string =>
  `#${colour.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

/** WCAG 2.2 relative luminance, 0 to 1. */
export function luminance(colour: Rgb): number {
  const linear = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
}

/** WCAG 2.2 contrast ratio, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** `share` of `other`, the rest of `one`. */
export function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2): number => one[index] + (other[index] - one[index]) * share;
  return [part(0), part(1), part(2)];
}

const light: Rgb = [250, 245, 236];
const dark: Rgb = [14, 11, 18];

/** The colours that every board of a house is drawn in. */
export interface Palette {
  readonly ground: Rgb;
  readonly raised: Rgb;
  readonly ink: Rgb;
  readonly soft: Rgb;
  readonly accent: Rgb;
  /** Text upon the accent. */
  readonly onAccent: Rgb;
}

/** Text and ground of a board differ at least by this: WCAG asks 4.5, a dark lobby more. */
const textContrast = 7;

function pushed(colour: Rgb, ground: Rgb, towards: Rgb, least: number): Rgb {
  for (let share = 0; share <= 1; share += 0.05) {
    const tried = mix(colour, towards, share);
    if (contrast(tried, ground) >= least) return tried;
  }
  return towards;
}

/**
 * A palette that can be read, whatever two colours a house calls its own: a ground of middling
 * brightness is made darker or lighter, an accent is pushed until it stands out.
 */
export function paletteOf(brand: { ground: string; accent: string }): Palette {
  const own = parseHex(brand.ground);
  const isLight = luminance(own) > 0.3;
  const ink = isLight ? dark : light;
  const ground = pushed(own, ink, isLight ? [255, 255, 255] : [0, 0, 0], 11);
  const raised = mix(ground, ink, 0.08);
  const accent = pushed(parseHex(brand.accent), raised, ink, 5.5);
  const soft = pushed(mix(raised, ink, 0.72), raised, ink, textContrast);
  const onAccent = contrast(accent, dark) >= contrast(accent, light) ? dark : light;
  return { ground, raised, ink, soft, accent, onAccent };
}

/** Sets a palette as custom properties: `--ground`, `--ink` and the others. */
export function applyPalette(element: HTMLElement, palette: Palette): void {
  const { style } = element;
  style.setProperty('--ground', toHex(palette.ground));
  style.setProperty('--raised', toHex(palette.raised));
  style.setProperty('--ink', toHex(palette.ink));
  style.setProperty('--soft', toHex(palette.soft));
  style.setProperty('--accent', toHex(palette.accent));
  style.setProperty('--on-accent', toHex(palette.onAccent));
}
