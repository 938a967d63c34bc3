import type { Play } from '@foyer/contracts';

import type { Layer } from '../layer.ts';
import type { Stage } from '../stage.ts';
import { drawElement } from './draw-element.ts';
import {
  drawnHeightPx,
  drawnWidthPx,
  gridOf,
  hasChanged,
  isUniform,
  parseThumbprint,
  sameGrid,
  type Grid,
} from './grid.ts';
import { jpegOf } from './jpeg.ts';

/** What the page's own pixels said. */
export interface Sample {
  readonly display: Play['display'];
  /** A JPEG, base64; null where it is the picture of before, or none could be made. */
  readonly picture: string | null;
}

const pictureLongPx = 208;

interface Drawable {
  readonly draw: (context: CanvasRenderingContext2D, widthPx: number, heightPx: number) => void;
  /** Luminances that it must have; null where nobody knows. */
  readonly meant: string | null;
  /** A film may be dark from edge to edge for a while. */
  readonly mayBeUniform: boolean;
}

/**
 * Reads what the page shows back from its elements: pictures and films as they were decoded, boards
 * drawn once more by the same engine. It sees neither the panel nor the cable.
 */
export class Sampler {
  readonly #stage: Stage;
  readonly #css: string;
  readonly #small: CanvasRenderingContext2D;
  readonly #picture: CanvasRenderingContext2D;
  #lastGrid: Grid | null = null;
  #running: Promise<Sample> | null = null;

  constructor(stage: Stage, css: string) {
    this.#stage = stage;
    this.#css = css;
    this.#small = canvas(drawnWidthPx, drawnHeightPx);
    this.#picture = canvas(1, 1);
  }

  /** One sample at a time; whoever asks meanwhile gets that one. */
  sample(): Promise<Sample> {
    this.#running ??= this.#sample().finally(() => (this.#running = null));
    return this.#running;
  }

  /** A picture for whoever asked for a screenshot, whether or not it changed. */
  async picture(maxBytes: number): Promise<string | null> {
    const drawable = await this.#drawable();
    return drawable === null ? null : this.#jpeg(drawable, maxBytes);
  }

  async #sample(): Promise<Sample> {
    const drawable = await this.#drawable();
    if (drawable === null) return { display: 'unsampled', picture: null };
    try {
      const small = this.#small;
      small.fillRect(0, 0, drawnWidthPx, drawnHeightPx);
      drawable.draw(small, drawnWidthPx, drawnHeightPx);
      const grid = gridOf(small.getImageData(0, 0, drawnWidthPx, drawnHeightPx).data);
      const display = judge(drawable, grid);
      if (!hasChanged(this.#lastGrid, grid)) return { display, picture: null };
      this.#lastGrid = grid;
      return { display, picture: await this.#jpeg(drawable, smallBytes) };
    } catch {
      return { display: 'unsampled', picture: null };
    }
  }

  async #jpeg(drawable: Drawable, maxBytes: number): Promise<string | null> {
    const { clientWidth, clientHeight } = this.#stage.element;
    const scale = pictureLongPx / Math.max(clientWidth, clientHeight, 1);
    const widthPx = Math.max(16, Math.round(clientWidth * scale));
    const heightPx = Math.max(16, Math.round(clientHeight * scale));
    const picture = this.#picture;
    picture.canvas.width = widthPx;
    picture.canvas.height = heightPx;
    picture.imageSmoothingQuality = 'high';
    drawable.draw(picture, widthPx, heightPx);
    return jpegOf(picture.canvas, maxBytes);
  }

  async #drawable(): Promise<Drawable | null> {
    const { front, cover } = this.#stage;
    if (cover === null && front?.isReady === true) {
      const media = mediaOf(front);
      if (media !== null) return media;
      if (front.content?.kind === 'template') return null;
    }
    const image = await drawElement(this.#stage.uppermost, this.#css);
    if (image === null) return null;
    return {
      draw: (context, widthPx, heightPx) => context.drawImage(image, 0, 0, widthPx, heightPx),
      meant: null,
      mayBeUniform: cover === 'standby',
    };
  }
}

const smallBytes = 2600;

function judge(drawable: Drawable, grid: Grid): Play['display'] {
  if (drawable.meant !== null)
    return sameGrid(grid, parseThumbprint(drawable.meant)) ? 'matched' : 'differed';
  if (drawable.mayBeUniform) return 'matched';
  return isUniform(grid) ? 'differed' : 'matched';
}

function mediaOf(layer: Layer): Drawable | null {
  const { content } = layer;
  if (content?.kind !== 'image' && content?.kind !== 'video') return null;
  const source = content.kind === 'image' ? layer.image : layer.video;
  return {
    // The whole picture, as the thumbprint was made of the whole; what a `cover` crops is 6 %.
    draw: (context, widthPx, heightPx) => context.drawImage(source, 0, 0, widthPx, heightPx),
    meant: content.media.thumbprint,
    mayBeUniform: true,
  };
}

function canvas(widthPx: number, heightPx: number): CanvasRenderingContext2D {
  const element = document.createElement('canvas');
  element.width = widthPx;
  element.height = heightPx;
  const context = element.getContext('2d', { willReadFrequently: true, alpha: false });
  if (!context) throw new Error('This browser has no canvas.');
  context.imageSmoothingQuality = 'high';
  return context;
}
