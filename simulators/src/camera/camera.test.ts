import { createQrReader, decodePicture, loadWasm } from '@foyer/scanner';
import type { Luminance, QrReader } from '@foyer/scanner';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  conditions,
  encodeJpeg,
  frameSize,
  renderFrame,
  renderRoom,
  renderSequence,
} from './index.ts';
import type { Condition } from './index.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

// A ticket's length and alphabet.
const ticketText = (seed: number): string =>
  `F1:${Array.from({ length: 117 }, (_, at) => alphabet[(seed * 31 + at * at * 7) % 45]).join('')}`;

// A matcher that walks 300,000 pixels takes seconds.
const isSame = (a: Luminance, b: Luminance): boolean => Buffer.compare(a.data, b.data) === 0;

let reader: QrReader;

beforeAll(async () => {
  reader = await createQrReader(await loadWasm());
});

function readCount(condition: Condition, frames: number): number {
  let right = 0;
  for (let seed = 1; seed <= frames; seed++) {
    const text = ticketText(seed);
    const picture = renderFrame({ text, condition, seed });
    const job = { picture, effort: 'single', turn: seed } as const;
    const { texts } = decodePicture(reader, job);
    expect(texts.every((found) => found === text)).toBe(true);
    if (texts.includes(text)) right += 1;
  }
  return right;
}

describe('renderFrame', () => {
  it('draws the same pixels for the same seed, and others for another', () => {
    const request = { text: ticketText(1), condition: 'glare', seed: 5 } as const;
    const first = renderFrame(request);
    expect(first).toMatchObject(frameSize);
    expect(isSame(renderFrame(request), first)).toBe(true);
    expect(isSame(renderFrame({ ...request, seed: 6 }), first)).toBe(false);
  });

  it('draws at least eleven conditions, each differently', () => {
    expect(conditions.length).toBeGreaterThanOrEqual(11);
    const text = ticketText(1);
    const frames = conditions.map((condition) => renderFrame({ text, condition, seed: 1 }));
    const distinct = new Set(frames.map((frame) => Buffer.from(frame.data).toString('base64')));
    expect(distinct.size).toBe(conditions.length);
  });

  it('can be sent as a JPEG', async () => {
    const jpeg = await encodeJpeg(
      renderFrame({ text: ticketText(1), condition: 'clean', seed: 1 }),
    );
    expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  });
});

describe('a gate that sees one frame of a phone', () => {
  const frames = 4;

  it.each(['clean', 'rotated', 'dark-mode'] as const)('reads all that are %s', (condition) => {
    expect(readCount(condition, frames)).toBe(frames);
  });

  it.each(['far', 'noisy', 'blurred', 'low-light', 'dim-screen', 'cracked', 'tilted'] as const)(
    'reads most that are %s',
    (condition) => {
      expect(readCount(condition, frames)).toBeGreaterThanOrEqual(frames / 2);
    },
  );

  it('reads nothing in an empty room and on a page without a code', () => {
    for (let seed = 0; seed < frames; seed++) {
      const pictures = [
        renderRoom(seed),
        renderFrame({ condition: conditions[seed] ?? 'clean', seed }),
      ];
      for (const picture of pictures) {
        const job = { picture, effort: 'thorough', turn: 0 } as const;
        expect(decodePicture(reader, job).texts).toEqual([]);
      }
    }
  });
});

describe('renderSequence', () => {
  it('shows one phone in a hand that trembles', () => {
    const request = { text: ticketText(2), condition: 'clean', seed: 3, frames: 3 } as const;
    const frames = renderSequence(request);
    expect(frames).toHaveLength(3);
    expect(isSame(frames[1]!, frames[0]!)).toBe(false);
    expect(isSame(renderSequence(request)[2]!, frames[2]!)).toBe(true);
  });

  it('is read from one of its frames, and never as another text', () => {
    const text = ticketText(4);
    const frames = renderSequence({ text, condition: 'motion', seed: 9, frames: 5 });
    const read = frames.flatMap(
      (picture, turn) => decodePicture(reader, { picture, effort: 'single', turn }).texts,
    );
    expect(new Set(read)).toEqual(new Set([text]));
  });
});
