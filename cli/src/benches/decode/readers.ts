import { createQrReader, decodePicture, fullOptions, loadWasm } from '@foyer/scanner';
import type { Luminance, QrReader } from '@foyer/scanner';
import jsQR from 'jsqr';

/** What jsQR exports, whichever way the module system wraps it. */
type JsQr = (
  data: Uint8ClampedArray,
  width: number,
  height: number,
  options: { inversionAttempts: 'attemptBoth' },
) => { data: string } | null;

const jsQr = ((): JsQr => {
  const wrapped: unknown = Reflect.get(jsQR, 'default');
  return (typeof wrapped === 'function' ? wrapped : jsQR) as JsQr;
})();

function toRgba({ data }: Luminance): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(data.length * 4).fill(255);
  for (const [index, value] of data.entries()) rgba.fill(value, 4 * index, 4 * index + 3);
  return rgba;
}

/** What a reader said of one picture, and the CPU time of this process while it did. */
export interface Outcome {
  readonly texts: readonly string[];
  readonly cpuMs: number;
}

/** Runs a reader once under the CPU clock of this process (user and system, all threads). */
export function measure(read: () => readonly string[]): Outcome {
  const before = process.cpuUsage();
  const texts = read();
  const spent = process.cpuUsage(before);
  return { texts, cpuMs: (spent.user + spent.system) / 1000 };
}

/** One decoder of this process. Turning a frame into the form that it wants is not timed. */
export interface Contender {
  readonly name: string;
  measure(picture: Luminance, turn: number): Outcome;
}

/** Starts ZXing once for all who use it. */
export const startReader = async (): Promise<QrReader> => createQrReader(await loadWasm());

/** ZXing's one pass with everything on: what a scanner without our passes would do. */
export const barePass = (reader: QrReader, picture: Luminance): readonly string[] =>
  reader
    .read(picture, fullOptions)
    .map((reading) => reading.text)
    .filter((text) => text !== undefined);

/** The decoders that are compared: ours as a gate and as a single picture runs it, and others'. */
export function contenders(reader: QrReader): readonly [Contender, ...Contender[]] {
  const ours = (effort: 'live' | 'single') => (picture: Luminance, turn: number) =>
    measure(() => decodePicture(reader, { picture, effort, turn }).texts);
  return [
    { name: 'ours', measure: ours('live') },
    { name: 'oursSingle', measure: ours('single') },
    { name: 'zxingWasm', measure: (picture) => measure(() => barePass(reader, picture)) },
    {
      name: 'jsqr',
      measure: (picture) => {
        const rgba = toRgba(picture);
        const { width, height } = picture;
        return measure(() => {
          const found = jsQr(rgba, width, height, { inversionAttempts: 'attemptBoth' });
          return found === null || found.data === '' ? [] : [found.data];
        });
      },
    },
  ];
}
