import QRCode from 'qrcode';

import { between } from './random.ts';
import type { Uniform } from './random.ts';

/** Texels a millimetre of the phone's screen; a module of the code is a whole number of texels. */
export const texelsPerMm = 4;

/** The screen of the phone that is drawn, in millimetres. */
export const screenMm = { width: 66, height: 142 } as const;

/** What a phone shows: light that each texel emits, 0 (black) to 1 (white), linear. */
export interface Page {
  readonly texels: Float32Array;
  readonly width: number;
  readonly height: number;
  /** The code's place on the page, in texels; absent on a page without a code. */
  readonly code?: { readonly left: number; readonly top: number; readonly size: number };
}

interface Ink {
  readonly paper: number;
  readonly text: number;
  readonly card: number;
  readonly dark: number;
  readonly light: number;
}

const lightMode: Ink = { paper: 0.82, text: 0.06, card: 1, dark: 0.004, light: 1 };
// In dark mode the page inverts and so does the code: light modules on black.
const darkMode: Ink = { paper: 0.012, text: 0.6, card: 0.02, dark: 0.85, light: 0.01 };

const pageWidth = screenMm.width * texelsPerMm;
const pageHeight = screenMm.height * texelsPerMm;

function fill(
  page: Page,
  box: { left: number; top: number; width: number; height: number },
  value: number,
): void {
  const right = Math.min(page.width, box.left + box.width);
  const bottom = Math.min(page.height, box.top + box.height);
  for (let y = Math.max(0, box.top); y < bottom; y++) {
    page.texels.fill(value, y * page.width + Math.max(0, box.left), y * page.width + right);
  }
}

// Words are bars of the height and rhythm of text: nothing here reads letters.
function drawLine(page: Page, uniform: Uniform, top: number, height: number, ink: number): void {
  const end = between(uniform, 0.5, 0.9) * page.width;
  let left = 20;
  while (left < end) {
    const width = Math.round(between(uniform, 6, 30));
    fill(page, { left, top, width: Math.min(width, Math.round(end) - left), height }, ink);
    left += width + 4;
  }
}

function drawCode(page: Page, text: string, ink: Ink, top: number, quietModules: number): Page {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  const texels = Math.max(1, Math.floor((page.width - 24) / (modules.size + 2 * quietModules)));
  const size = modules.size * texels;
  const left = Math.floor((page.width - size) / 2);
  const margin = quietModules * texels;
  const card = { left: left - margin, top: top - margin, width: size + 2 * margin };
  fill(page, { ...card, height: size + 2 * margin }, ink.light);
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column) === 0) continue;
      const place = { left: left + column * texels, top: top + row * texels };
      fill(page, { ...place, width: texels, height: texels }, ink.dark);
    }
  }
  return { ...page, code: { left, top, size } };
}

/**
 * Draws a ticket's page.
 * @param text what the code says; undefined draws a page of words and a picture, without a code.
 */
export function drawPage(text: string | undefined, uniform: Uniform, inverted = false): Page {
  const ink = inverted ? darkMode : lightMode;
  const texels = new Float32Array(pageWidth * pageHeight).fill(ink.paper);
  let page: Page = { texels, width: pageWidth, height: pageHeight };
  fill(page, { left: 0, top: 0, width: pageWidth, height: 22 }, ink.text * 0.5);
  drawLine(page, uniform, 40, 14, ink.text);
  drawLine(page, uniform, 66, 7, ink.text);
  drawLine(page, uniform, 82, 7, ink.text);
  if (text === undefined) {
    for (let index = 0; index < 14; index++) {
      const left = Math.round(between(uniform, 10, 200));
      const top = Math.round(between(uniform, 110, 330));
      const width = Math.round(between(uniform, 10, 70));
      fill(page, { left, top, width, height: width }, between(uniform, 0.02, 0.9));
    }
  } else {
    const quietModules = Math.round(between(uniform, 2, 4));
    page = drawCode(page, text, ink, Math.round(between(uniform, 120, 170)), quietModules);
  }
  for (let top = 400; top < 520; top += 24) drawLine(page, uniform, top, 9, ink.text);
  return page;
}

function drawCrack(
  page: Page,
  from: { x: number; y: number },
  angle: number,
  uniform: Uniform,
): void {
  const length = between(uniform, 80, 420);
  const bright = uniform() < 0.7;
  const value = bright ? between(uniform, 0.45, 0.9) : 0.03;
  const thickness = between(uniform, 0.5, 1.3);
  let { x, y } = from;
  let heading = angle;
  for (let walked = 0; walked < length; walked += 1) {
    if (uniform() < 0.06) heading += eitherTurn(uniform);
    x += Math.cos(heading);
    y += Math.sin(heading);
    const size = Math.max(1, Math.round(thickness * (1 - (0.6 * walked) / length) + uniform()));
    fill(page, { left: Math.round(x), top: Math.round(y), width: size, height: size }, value);
  }
}

const eitherTurn = (uniform: Uniform): number => (uniform() - 0.5) * 0.9;

/** Breaks the glass: cracks run from one blow, and around it the picture is lost. */
export function crackPage(page: Page, uniform: Uniform): void {
  const code = page.code ?? { left: 40, top: 130, size: 185 };
  const from = {
    x: code.left + code.size * between(uniform, -0.15, 1.15),
    y: code.top + code.size * between(uniform, -0.15, 1.15),
  };
  const count = Math.round(between(uniform, 4, 9));
  const turn = between(uniform, 0, Math.PI);
  for (let index = 0; index < count; index++) {
    drawCrack(
      page,
      from,
      turn + (index + between(uniform, -0.3, 0.3)) * ((2 * Math.PI) / count),
      uniform,
    );
  }
  const radius = between(uniform, 5, 13);
  for (let index = 0; index < radius * radius; index++) {
    const angle = between(uniform, 0, 2 * Math.PI);
    const away = radius * Math.sqrt(uniform());
    const left = Math.round(from.x + away * Math.cos(angle));
    const top = Math.round(from.y + away * Math.sin(angle));
    fill(page, { left, top, width: 2, height: 2 }, between(uniform, 0.05, 0.8));
  }
}
