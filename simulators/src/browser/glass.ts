import type { CDPSession, Page } from 'playwright-core';
import sharp from 'sharp';

/** What a camera before the screen would have noted. */
export interface GlassReport {
  readonly frames: number;
  /** Frames of one brightness from edge to edge. */
  readonly blankFrames: number;
  /** Mean brightness of the brightest frame, 0 to 255. */
  readonly brightest: number;
}

const widthPx = 192;
const heightPx = 108;
const columns = 32;
const rows = 18;
/** A frame whose brightest and darkest spots differ by less is one colour. */
const leastRange = 8;

/** Whether a frame, as a JPEG or a PNG, shows nothing. */
export const isBlankFrame = async (frame: Buffer): Promise<boolean> =>
  (await lightOf(frame)).range < leastRange;

async function lightOf(frame: Buffer): Promise<{ range: number; mean: number }> {
  const { data } = await sharp(frame)
    .greyscale()
    .resize(columns, rows, { fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const range = Math.max(...data) - Math.min(...data);
  return { range, mean: data.reduce((sum, value) => sum + value, 0) / data.length };
}

/** Looks at a page from outside, at each frame that Chromium hands out of its compositor. */
export class Glass {
  readonly #session: CDPSession;
  readonly #pending = new Set<Promise<void>>();
  #frames = 0;
  #blankFrames = 0;
  #brightest = 0;

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async watch(page: Page): Promise<Glass> {
    const session = await page.context().newCDPSession(page);
    const glass = new Glass(session);
    session.on('Page.screencastFrame', ({ data, sessionId }) => {
      void session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined);
      const looked = glass.#look(Buffer.from(data, 'base64'));
      glass.#pending.add(looked);
      void looked.finally(() => glass.#pending.delete(looked));
    });
    await session.send('Page.startScreencast', {
      format: 'jpeg',
      quality: 50,
      maxWidth: widthPx,
      maxHeight: heightPx,
      everyNthFrame: 1,
    });
    return glass;
  }

  async stop(): Promise<GlassReport> {
    await this.#session.send('Page.stopScreencast').catch(() => undefined);
    await Promise.all(this.#pending);
    await this.#session.detach().catch(() => undefined);
    return { frames: this.#frames, blankFrames: this.#blankFrames, brightest: this.#brightest };
  }

  async #look(frame: Buffer): Promise<void> {
    const light = await lightOf(frame).catch(() => undefined);
    if (light === undefined) return;
    this.#frames += 1;
    if (light.range < leastRange) this.#blankFrames += 1;
    this.#brightest = Math.max(this.#brightest, light.mean);
  }
}
