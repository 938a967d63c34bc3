import { deflateSync } from 'node:zlib';

import sharp, { type Sharp } from 'sharp';

import { mendPng, pngSignature } from './shapes/pictures.ts';

const side = 24;

function pixels(): Sharp {
  const data = Buffer.alloc(side * side * 3, 200);
  for (let at = 0; at < data.length; at += 7) data[at] = at % 251;
  return sharp(data, { raw: { width: side, height: side, channels: 3 } });
}

/** A PNG that claims to be of another size than its data. */
function claiming(png: Uint8Array, width: number, height: number): Uint8Array {
  const bytes = Buffer.from(png);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return mendPng(bytes);
}

/** A white PNG of so many pixels a side and one bit a pixel: a hundred million in 14 kilobytes. */
function blank(sidePx: number): Uint8Array {
  const chunk = (name: string, data: Uint8Array): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    return Buffer.concat([head, Buffer.from(name), data, Buffer.alloc(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(sidePx, 0);
  header.writeUInt32BE(sidePx, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc(sidePx * (1 + Math.ceil(sidePx / 8))));
  const chunks = [chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', new Uint8Array())];
  return mendPng(Buffer.concat([pngSignature, ...chunks]));
}

const svg = (text: string): Uint8Array =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${text}</svg>`);

/** Entities that stand for others, ten times each. */
function entities(): Uint8Array {
  const lines = Array.from({ length: 9 }, (_, n) => {
    return `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`;
  });
  const type = `<!DOCTYPE svg [<!ENTITY e0 "lol">${lines.join('')}]>`;
  return Buffer.concat([Buffer.from(`<?xml version="1.0"?>${type}`), svg('<text>&e9;</text>')]);
}

/** Small pictures of every kind that is read, and bombs: few bytes that claim to be much. */
export async function pictureExamples(): Promise<Uint8Array[]> {
  const png = await pixels().png().toBuffer();
  return [
    png,
    await pixels().png({ progressive: true }).toBuffer(),
    await pixels().png({ palette: true }).toBuffer(),
    await pixels().jpeg().toBuffer(),
    await pixels().jpeg({ progressive: true }).toBuffer(),
    await pixels().webp().toBuffer(),
    await pixels().webp({ lossless: true }).toBuffer(),
    await pixels().gif().toBuffer(),
    await pixels().tiff().toBuffer(),
    await pixels().tiff({ compression: 'lzw', tile: true }).toBuffer(),
    await pixels().avif({ effort: 0 }).toBuffer(),
    claiming(png, 0x7fff_ffff, 0x7fff_ffff),
    claiming(png, 10_000, 10_000),
    claiming(png, 0, 0),
    blank(10_000),
    svg('<rect width="9" height="9"/>'),
    svg('<image href="file:///etc/passwd" width="9" height="9"/>'),
    entities(),
  ];
}
